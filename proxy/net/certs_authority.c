/* certs_authority: making, keeping and loading the local certificate authority. */
#include "net/certs_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/arena.h"

#define CERTIFICATE_FILE "ca.pem"
#define KEY_FILE "ca-key.pem"
#define LIFETIME (365 * CERTS_DAY)
#define HOST_ROOM 38 /* what a common name of 64 (RFC 5280 appendix A) leaves for the host's */
#define NEW_CA "`panne ca init --replace` makes a new one"

void certs_complain(struct buffer *complaint, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    buffer_format(complaint, "%s: %s", what, reason ? reason : "OpenSSL does not say why");
    ERR_clear_error();
}

static X509 *make_authority(EVP_PKEY *key)
{
    char host[256] = "", name[65];
    struct tm day;
    time_t now = time(NULL);
    time_t from = now - CERTS_HOUR;

    if (gethostname(host, sizeof host - 1) < 0)
        host[0] = '\0';
    gmtime_r(&now, &day);
    snprintf(name, sizeof name, "panne local CA %.*s %04u-%02u-%02u", HOST_ROOM, host,
             (unsigned)(day.tm_year + 1900) % 10000, (unsigned)(day.tm_mon + 1) % 100,
             (unsigned)day.tm_mday % 100);
    return certificate_authority(key, name, NULL, key, from, from + LIFETIME - 1);
}

static struct text memory_text(BIO *memory)
{
    char *at = NULL;
    long length = BIO_get_mem_data(memory, &at);

    return text_of(at, length > 0 ? (size_t)length : 0);
}

/* The key first: a crash in between leaves a pair that does not fit, which certs_open refuses. */
static bool write_authority(const char *folder, X509 *certificate, EVP_PKEY *key,
                            struct buffer *complaint)
{
    BIO *public = BIO_new(BIO_s_mem());
    BIO *secret = BIO_new(BIO_s_secmem());
    bool done = false;

    if (!public || !secret || PEM_write_bio_X509(public, certificate) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) != 1)
        certs_complain(complaint, "cannot encode a CA");
    else
        done = certs_file_write(folder, KEY_FILE, 0600, memory_text(secret), complaint) &&
               certs_file_write(folder, CERTIFICATE_FILE, 0644, memory_text(public), complaint);
    BIO_free(secret);
    BIO_free(public);
    return done;
}

static bool init_locked(const char *folder, bool replace, struct buffer *complaint)
{
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    bool done = false;

    if (!replace &&
        (certs_file_exists(folder, KEY_FILE) || certs_file_exists(folder, CERTIFICATE_FILE))) {
        buffer_format(complaint, "there is a CA in %s already; " NEW_CA, folder);
        return false;
    }
    key = EVP_EC_gen("P-256");
    if (key)
        certificate = make_authority(key);
    if (certificate)
        done = write_authority(folder, certificate, key, complaint);
    else
        certs_complain(complaint, "cannot make a CA");
    X509_free(certificate);
    EVP_PKEY_free(key);
    return done;
}

bool certs_init(const char *folder, bool replace, struct buffer *complaint)
{
    int lock = -1;
    bool done = false;

    if (!certs_folder_make(folder, complaint))
        return false;
    lock = certs_folder_lock(folder, complaint);
    if (lock < 0)
        return false;
    done = init_locked(folder, replace, complaint);
    close(lock);
    return done;
}

/* Without it OpenSSL would ask on the terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's type */
static int no_passphrase(char *out, int size, int writing, void *user)
{
    (void)out, (void)size, (void)writing, (void)user;
    return -1;
}

static bool read_pair(struct certs *certs, const char *folder, struct buffer *complaint)
{
    FILE *file = certs_file_read(folder, KEY_FILE, true, complaint);

    if (!file)
        return false;
    certs->authority_key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    fclose(file);
    if (!certs->authority_key) {
        certs_complain(complaint, KEY_FILE " holds no key that can be read");
        return false;
    }
    file = certs_file_read(folder, CERTIFICATE_FILE, false, complaint);
    if (!file)
        return false;
    certs->authority = PEM_read_X509(file, NULL, no_passphrase, NULL);
    fclose(file);
    if (!certs->authority)
        certs_complain(complaint, CERTIFICATE_FILE " holds no certificate");
    return certs->authority != NULL;
}

static bool check_pair(struct certs *certs, const char *folder, struct buffer *complaint)
{
    X509 *authority = certs->authority;
    const char *wrong = NULL;

    if (X509_check_private_key(authority, certs->authority_key) != 1)
        wrong = "has a key that does not fit its certificate";
    else if (X509_check_ca(authority) != 1)
        wrong = "is not a CA by its certificate";
    else if (!X509_get0_subject_key_id(authority))
        wrong = "has a certificate without a subject key id";
    else if (!certificate_time(X509_get0_notBefore(authority), &certs->from) ||
             !certificate_time(X509_get0_notAfter(authority), &certs->until))
        wrong = "has a certificate whose dates cannot be read";
    else if (certs->until < time(NULL))
        wrong = "has expired";
    else if (certs->from > time(NULL))
        wrong = "is not valid before a day still to come (is the clock right?)";
    if (wrong)
        buffer_format(complaint, "the CA in %s %s; " NEW_CA, folder, wrong);
    ERR_clear_error();
    return !wrong;
}

static bool prepare(struct certs *certs, const char *folder, struct buffer *complaint)
{
    BIO *memory = BIO_new(BIO_s_mem());
    bool done = memory && PEM_write_bio_X509(memory, certs->authority) == 1;

    if (done)
        buffer_add_text(&certs->pem, memory_text(memory));
    BIO_free(memory);
    buffer_add_string(&certs->folder, folder);
    certs->leaf_key = EVP_EC_gen("P-256");
    if (certs->leaf_key)
        certs->leaf_key_id = certificate_key_id(certs->leaf_key);
    certs->cache = leaf_cache_new();
    certs->spares = certs_spares_new();
    done = done && certs->leaf_key_id;
    if (!done)
        certs_complain(complaint, "cannot make a leaf key");
    return done;
}

struct certs *certs_open(const char *folder, struct buffer *complaint)
{
    struct certs *certs = NULL;
    int lock = -1;
    bool done = true;

    if (!certs_folder_make(folder, complaint))
        return NULL;
    lock = certs_folder_lock(folder, complaint);
    if (lock < 0)
        return NULL;
    certs = memory_take(sizeof *certs);
    if (!certs_file_exists(folder, KEY_FILE) && !certs_file_exists(folder, CERTIFICATE_FILE))
        done = init_locked(folder, false, complaint);
    done = done && read_pair(certs, folder, complaint) && check_pair(certs, folder, complaint) &&
           prepare(certs, folder, complaint);
    close(lock);
    if (done)
        return certs;
    certs_free(certs);
    return NULL;
}

void certs_free(struct certs *certs)
{
    if (!certs)
        return;
    leaf_cache_free(certs->cache);
    certs_spares_free(certs->spares);
    ASN1_OCTET_STRING_free(certs->leaf_key_id);
    EVP_PKEY_free(certs->leaf_key);
    EVP_PKEY_free(certs->authority_key);
    X509_free(certs->authority);
    buffer_free(&certs->pem);
    buffer_free(&certs->folder);
    free(certs);
}

bool certs_default_folder(struct buffer *path)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");

    /* The XDG base directory specification: a relative path is to be ignored. */
    if (data && data[0] == '/')
        buffer_format(path, "%s/panne", data);
    else if (home && home[0] == '/')
        buffer_format(path, "%s/.local/share/panne", home);
    else
        return false;
    return true;
}

struct text certs_pem(const struct certs *certs)
{
    return buffer_text(&certs->pem);
}

static void describe_day(struct buffer *out, time_t moment)
{
    struct tm day;

    gmtime_r(&moment, &day);
    buffer_format(out, "%04d-%02d-%02d %02d:%02d UTC", day.tm_year + 1900, day.tm_mon + 1,
                  day.tm_mday, day.tm_hour, day.tm_min);
}

void certs_describe(const struct certs *certs, struct buffer *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    BIO *memory = BIO_new(BIO_s_mem());

    buffer_add_string(out, "subject      ");
    if (memory && X509_NAME_print_ex(memory, X509_get_subject_name(certs->authority), 0,
                                     XN_FLAG_RFC2253) >= 0)
        buffer_add_text(out, memory_text(memory));
    BIO_free(memory);
    buffer_add_string(out, "\nvalid        ");
    describe_day(out, certs->from);
    buffer_add_string(out, " to ");
    describe_day(out, certs->until);
    buffer_add_string(out, "\nfingerprint  SHA-256 ");
    if (X509_digest(certs->authority, EVP_sha256(), digest, &length) != 1)
        length = 0;
    for (unsigned i = 0; i < length; i++)
        buffer_format(out, "%s%02X", i ? ":" : "", digest[i]);
    buffer_format(out, "\ncertificate  %s/" CERTIFICATE_FILE "\nkey          %s/" KEY_FILE "\n",
                  certs->folder.at, certs->folder.at);
}
