/* run_tls: who shows which certificate. */
#include "run_tls.h"

struct certs *run_tls_authority(const struct options *options, struct buffer *complaint)
{
    struct buffer folder = { 0 };
    struct certs *certs = NULL;

    if (options->ca_dir.at)
        buffer_add_text(&folder, options->ca_dir);
    else if (!certs_default_folder(&folder))
        buffer_add_string(complaint, "there is no place for the local authority: neither HOME nor "
                                     "XDG_DATA_HOME is set (--ca-dir)");
    if (complaint->length == 0)
        certs = certs_open(folder.at, complaint);
    buffer_free(&folder);
    return certs;
}

static bool needs_minting(const struct settings *settings)
{
    for (size_t i = 0; i < settings->front_count; i++) {
        const struct front *front = &settings->fronts[i];

        if (front->kind == FRONT_FORWARD || (front->tls && !settings->cert_file))
            return true;
    }
    return false;
}

/* The system's store of authorities takes tens of milliseconds to read: only where an origin or a
 * proxy may show a certificate, or the user named files that should be looked at now. */
static bool needs_client(const struct settings *settings)
{
    const struct parents *parents = &settings->parents;

    if (settings->upstream_ca || settings->client_cert ||
        (parents->plain && parents->plain->at.tls) || (parents->tls && parents->tls->at.tls))
        return true;
    for (size_t i = 0; i < settings->front_count; i++)
        if (settings->fronts[i].kind == FRONT_FORWARD || settings->fronts[i].upstream.tls)
            return true;
    return false;
}

static bool open_minting(struct run *run, const struct options *options, struct certs **certs,
                         struct buffer *complaint)
{
    if (!*certs)
        *certs = run_tls_authority(options, complaint);
    if (*certs)
        run->tls_server =
            tls_server_new(&(struct tls_server_options){ .certs = *certs }, complaint);
    return run->tls_server != NULL;
}

static bool open_fixed(struct run *run, struct certs *certs, struct buffer *complaint)
{
    const struct settings *settings = run->settings;
    struct tls_server_options options = {
        .certs = certs,
        .cert_file = settings->cert_file,
        .key_file = settings->key_file,
    };

    run->tls_fixed = tls_server_new(&options, complaint);
    return run->tls_fixed != NULL;
}

bool run_tls(struct run *run, const struct options *options, struct certs **certs,
             struct buffer *complaint)
{
    const struct settings *settings = run->settings;
    struct tls_client_options client = {
        .ca_file = settings->upstream_ca,
        .insecure = settings->upstream_insecure,
        .cert_file = settings->client_cert,
        .key_file = settings->client_key,
    };

    *certs = NULL;
    if (needs_client(settings)) {
        run->tls_client = tls_client_new(&client, complaint);
        if (!run->tls_client)
            return false;
    }
    /* Bad certificates are minted, whatever good one the user has given. */
    if (settings->cert_file && (run_generation(run)->scenario->needs & FAULT_NEEDS_AUTHORITY)) {
        *certs = run_tls_authority(options, complaint);
        if (!*certs)
            return false;
    }
    if (settings->cert_file && !open_fixed(run, *certs, complaint))
        return false;
    return !needs_minting(settings) || open_minting(run, options, certs, complaint);
}

void run_tls_free(struct run *run)
{
    tls_server_free(run->tls_server);
    tls_server_free(run->tls_fixed);
    tls_client_free(run->tls_client);
}
