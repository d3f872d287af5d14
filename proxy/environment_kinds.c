/* environment_kinds: what each kind of variable is set to. */
#include "environment_kinds.h"

#include <stdlib.h>
#include <string.h>

#include "environment_table.h"
#include "net/certs_store.h"

static enum made value_of(const char *path, struct buffer *value)
{
    if (!path)
        return MADE_COMPLAINT;
    buffer_add_string(value, path);
    return MADE_VALUE;
}

static enum made make_proxy(const struct making *making, const char *name, const char *present,
                            struct buffer *value)
{
    (void)name, (void)present;
    if (!making->options->proxy_url)
        return MADE_NOTHING;
    buffer_add_string(value, making->options->proxy_url);
    return MADE_VALUE;
}

static enum made make_direct(const struct making *making, const char *name, const char *present,
                             struct buffer *value)
{
    (void)name, (void)present, (void)value;
    if (!making->options->proxy_url || making->options->keep_no_proxy)
        return MADE_NOTHING;
    return MADE_VALUE;
}

static enum made make_switch(const struct making *making, const char *name, const char *present,
                             struct buffer *value)
{
    (void)name, (void)present;
    if (!making->options->proxy_url)
        return MADE_NOTHING;
    buffer_add_string(value, "1");
    return MADE_VALUE;
}

static enum made make_bundle(const struct making *making, const char *name, const char *present,
                             struct buffer *value)
{
    return value_of(bundles_merged(making->bundles, name, present, making->complaint), value);
}

static enum made make_extra(const struct making *making, const char *name, const char *present,
                            struct buffer *value)
{
    return value_of(bundles_extra(making->bundles, name, present, making->complaint), value);
}

static enum made make_authority(const struct making *making, const char *name, const char *present,
                                struct buffer *value)
{
    (void)name, (void)present;
    return value_of(bundles_authority(making->bundles, making->complaint), value);
}

/* A list of folders: whether `folder` is in it. */
static bool is_listed(const char *list, const char *folder)
{
    struct text rest = text_from(list), item;

    while (text_next_item(&rest, ':', &item))
        if (text_is(item, folder))
            return true;
    return false;
}

static void add_folder(const char *present, const char *folder, struct buffer *value)
{
    buffer_add_string(value, present);
    if (!is_listed(present, folder))
        buffer_format(value, ":%s", folder);
}

/* Unset it stands for the system's folder, which SSL_CERT_FILE adds to anyway. */
static enum made make_hashed(const struct making *making, const char *name, const char *present,
                             struct buffer *value)
{
    char hashed[CERTS_STORE_NAME];
    struct buffer path = { 0 };
    bool done = false;

    (void)name;
    if (!present || !*present)
        return MADE_NOTHING;
    certs_store_name(making->options->certs, hashed);
    buffer_format(&path, "certs/%s", hashed);
    done = folder_write(making->folder, path.at, certs_pem(making->options->certs),
                        making->complaint) != NULL;
    buffer_clear(&path);
    buffer_format(&path, "%s/certs", folder_path(making->folder));
    if (done)
        add_folder(present, path.at, value);
    buffer_free(&path);
    return done ? MADE_VALUE : MADE_COMPLAINT;
}

/* Ours goes last, where it counts; a run before may have written the file. */
#define OUR_LINES "# The lines from here on are from panne.\n"

static void add_file(const char *path, struct buffer *content)
{
    size_t before = content->length;

    if (!file_read(path, content)) {
        content->length = before;
        return;
    }
    buffer_add_byte(content, '\n');
    char *ours = strstr(content->at + before, OUR_LINES);
    if (ours) {
        *ours = '\0';
        content->length = (size_t)(ours - content->at);
    }
}

static enum made write_settings(const struct making *making, const char *name, const char *before,
                                const char *format, struct buffer *value)
{
    const char *bundle = bundles_merged(making->bundles, name, NULL, making->complaint);
    struct buffer content = { 0 };
    const char *path = NULL;

    if (!bundle)
        return MADE_COMPLAINT;
    if (before)
        add_file(before, &content);
    buffer_format(&content, OUR_LINES "%s%s\n", format, bundle);
    path = folder_write(making->folder, name, buffer_text(&content), making->complaint);
    buffer_free(&content);
    return value_of(path, value);
}

static enum made make_wgetrc(const struct making *making, const char *name, const char *present,
                             struct buffer *value)
{
    const char *home = getenv("HOME");
    struct buffer own = { 0 };
    enum made made;

    (void)name;
    if (present && *present)
        buffer_add_string(&own, present);
    else if (home && *home)
        buffer_format(&own, "%s/.wgetrc", home);
    made = write_settings(making, "wgetrc", own.at, "ca_certificate = ", value);
    buffer_free(&own);
    return made;
}

/* Of the two files that wget2 reads the system's comes first, and the user's own stays in use. */
static enum made make_wget2rc(const struct making *making, const char *name, const char *present,
                              struct buffer *value)
{
    (void)name;
    return write_settings(making, "wget2rc", present && *present ? present : "/etc/wget2rc",
                          "ca-certificate = ", value);
}

/* An empty item in the list stands for the folder that PHP was built with. */
static enum made make_php(const struct making *making, const char *name, const char *present,
                          struct buffer *value)
{
    const char *bundle = bundles_merged(making->bundles, name, NULL, making->complaint);
    struct buffer text = { 0 };
    bool done = false;

    if (bundle) {
        buffer_format(&text, "curl.cainfo=\"%s\"\nopenssl.cafile=\"%s\"\n", bundle, bundle);
        done = folder_write(making->folder, "php/panne.ini", buffer_text(&text),
                            making->complaint) != NULL;
    }
    buffer_clear(&text);
    buffer_format(&text, "%s/php", folder_path(making->folder));
    if (done)
        add_folder(present ? present : "", text.at, value);
    buffer_free(&text);
    return done ? MADE_VALUE : MADE_COMPLAINT;
}

#define MAKE_PROXY make_proxy, "The proxy's URL"
#define MAKE_DIRECT make_direct, "Emptied, unless it is to be kept"
#define MAKE_SWITCH make_switch, "1"
#define MAKE_BUNDLE \
    make_bundle, "A file of the CAs that it names already, or else the system's, and ours"
#define MAKE_EXTRA make_extra, "A file of the CAs that it names already, and ours"
#define MAKE_AUTHORITY make_authority, "A file with our CA alone"
#define MAKE_HASHED make_hashed, "What it is set to, if it is, followed by a folder with our CA"
#define MAKE_WGETRC \
    make_wgetrc,    \
        "A copy of the file that it names, or else of the one in the home folder, with the bundle"
#define MAKE_WGET2RC \
    make_wget2rc, "A copy of the file that it names, or else of /etc/wget2rc, with the bundle"
#define MAKE_PHP \
    make_php, "What it is set to, followed by a folder with settings that name the bundle"
#define MAKE_JAVA                                                                                \
    environment_make_java, "What it is set to, followed by properties for the proxy, and for a " \
                           "trust store of the system's CAs and ours"

const struct environment_row *environment_row(size_t index)
{
#define ROW(name, kind, readers) { name, MAKE_##kind, readers },
    static const struct environment_row rows[] = { ENVIRONMENT_ROWS(ROW) };
#undef ROW

    return index < COUNT_OF(rows) ? &rows[index] : NULL;
}
