/* environment_table: the variables by which programs learn of a proxy and of a CA, and who reads
 * them. One row a variable: name, what it is set to (environment_kinds.c), readers. */
#ifndef PANNE_ENVIRONMENT_TABLE_H
#define PANNE_ENVIRONMENT_TABLE_H

/* Both cases of each proxy variable: some programs read only the one, some only the other. */
#define ENVIRONMENT_ROWS(X)                                                                  \
    X("HTTP_PROXY", PROXY, "Python, Go, Ruby, Deno, Bun, axios, npm, .NET")                  \
    X("http_proxy", PROXY,                                                                   \
      "the same, and curl, git, cargo, wget, aria2 and gRPC, which read no HTTP_PROXY")      \
    X("HTTPS_PROXY", PROXY, "curl, git, cargo, Python, Go, Deno, Bun, axios, npm, .NET")     \
    X("https_proxy", PROXY, "the same, and wget, aria2 and gRPC")                            \
    X("ALL_PROXY", PROXY, "curl, git, cargo, requests, httpx, pip, axios, Deno, Bun")        \
    X("all_proxy", PROXY, "the same, and aria2")                                             \
    X("grpc_proxy", PROXY, "gRPC")                                                           \
    X("npm_config_proxy", PROXY, "npm, whatever its npmrc says")                             \
    X("npm_config_https_proxy", PROXY, "npm, whatever its npmrc says")                       \
    X("NO_PROXY", DIRECT, "all that read HTTPS_PROXY")                                       \
    X("no_proxy", DIRECT, "all that read https_proxy")                                       \
    X("no_grpc_proxy", DIRECT, "gRPC")                                                       \
    X("npm_config_noproxy", DIRECT, "npm")                                                   \
    X("NODE_USE_ENV_PROXY", SWITCH, "Node.js 22.21 and later")                               \
    X("PERL_LWP_ENV_PROXY", SWITCH, "Perl's LWP")                                            \
    X("JAVA_TOOL_OPTIONS", JAVA, "every Java machine")                                       \
    X("SSL_CERT_FILE", BUNDLE,                                                               \
      "OpenSSL, curl, Go, Ruby, urllib, httpx, aiohttp, cargo, Bun, .NET")                   \
    X("SSL_CERT_DIR", HASHED, "OpenSSL, curl, Go, Ruby, urllib, httpx, aiohttp, cargo, Bun") \
    X("CURL_CA_BUNDLE", BUNDLE, "curl, requests, pip")                                       \
    X("REQUESTS_CA_BUNDLE", BUNDLE, "requests, httpie, pip, boto3")                          \
    X("AWS_CA_BUNDLE", BUNDLE, "boto3, the AWS CLI")                                         \
    X("PIP_CERT", BUNDLE, "pip")                                                             \
    X("HTTPLIB2_CA_CERTS", BUNDLE, "httplib2")                                               \
    X("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", BUNDLE, "gcloud")                                \
    X("GIT_SSL_CAINFO", BUNDLE, "git")                                                       \
    X("CARGO_HTTP_CAINFO", BUNDLE, "cargo")                                                  \
    X("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", BUNDLE, "gRPC")                                    \
    X("NIX_SSL_CERT_FILE", BUNDLE, "Nix and what it builds")                                 \
    X("PERL_LWP_SSL_CA_FILE", BUNDLE, "Perl's LWP")                                          \
    X("HTTPS_CA_FILE", BUNDLE, "Perl's LWP")                                                 \
    X("npm_config_cafile", BUNDLE, "npm")                                                    \
    X("NODE_EXTRA_CA_CERTS", EXTRA, "Node.js, Deno, Bun")                                    \
    X("DENO_CERT", EXTRA, "Deno")                                                            \
    X("WGETRC", WGETRC, "wget")                                                              \
    X("SYSTEM_WGET2RC", WGET2RC, "wget2")                                                    \
    X("PHP_INI_SCAN_DIR", PHP, "PHP")                                                        \
    X("PANNE_PROXY_URL", PROXY, "tests that hand the proxy on by themselves")                \
    X("PANNE_CA_FILE", AUTHORITY, "tests that hand the CA on by themselves")

#endif
