/* bundle: files of trusted CAs: those that a client trusts already, and ours. */
#include "bundle.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/say.h"

/* Stands first in a bundle, before the path that it was made from; PEM readers skip it. */
#define MARK "# panne: "

struct bundle {
    struct bundle *next;
    char *base; /* empty: our CA alone */
    const char *path;
};

struct bundles {
    struct folder *folder;
    struct text authority;
    struct bundle *first;
};

struct bundles *bundles_new(struct folder *folder, struct text authority)
{
    struct bundles *bundles = memory_take(sizeof *bundles);

    bundles->folder = folder;
    bundles->authority = authority;
    return bundles;
}

void bundles_free(struct bundles *bundles)
{
    if (!bundles)
        return;
    for (struct bundle *bundle = bundles->first, *next = NULL; bundle; bundle = next) {
        next = bundle->next;
        free(bundle->base);
        free(bundle);
    }
    free(bundles);
}

/* Debian and Ubuntu; Fedora and Red Hat; SUSE; Alpine. The empty string where there is none. */
static const char *system_file(void)
{
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    };

    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return "";
}

void bundles_system(struct buffer *pem)
{
    const char *file = system_file();

    if (*file && !file_read(file, pem)) {
        say_errno("cannot read the system's CAs in %s", file);
        buffer_clear(pem);
    }
}

/* `0123abcd.0`: what c_rehash(1) makes, and all that OpenSSL reads. */
static bool is_hashed_name(const char *name)
{
    size_t digits = strspn(name, "0123456789abcdefABCDEF");

    return digits == 8 && name[8] == '.' && name[9] &&
           strspn(name + 9, "0123456789") == strlen(name + 9);
}

static bool read_hashed(const char *folder, struct buffer *pem)
{
    DIR *open = opendir(folder);
    struct buffer path = { 0 };

    if (!open)
        return false;
    for (struct dirent *each = readdir(open); each; each = readdir(open)) {
        if (!is_hashed_name(each->d_name))
            continue;
        buffer_clear(&path);
        buffer_format(&path, "%s/%s", folder, each->d_name);
        /* A dead link among them is no concern of its readers either. */
        if (file_read(path.at, pem))
            buffer_add_byte(pem, '\n');
    }
    closedir(open);
    buffer_free(&path);
    return true;
}

static bool read_base(const char *base, struct buffer *pem)
{
    return file_read(base, pem) || (errno == EISDIR && read_hashed(base, pem));
}

static bool holds(struct text all, struct text part)
{
    return all.length > 0 && memmem(all.at, all.length, part.at, part.length) != NULL;
}

static void close_line(struct buffer *buffer)
{
    if (buffer->length > 0 && buffer->at[buffer->length - 1] != '\n')
        buffer_add_byte(buffer, '\n');
}

static const char *write_bundle(struct bundles *bundles, const char *base, struct text pem,
                                struct buffer *complaint)
{
    struct buffer all = { 0 };
    char name[64] = "ca.pem";
    const char *path = NULL;

    if (*base) {
        if (!strchr(base, '\n'))
            buffer_format(&all, MARK "%s\n", base);
        if (strcmp(base, system_file()) == 0)
            snprintf(name, sizeof name, "bundle.pem");
        else
            snprintf(name, sizeof name, "bundle-%016" PRIx64 ".pem", text_hash(0, text_from(base)));
    }
    buffer_add_text(&all, pem);
    close_line(&all);
    if (!holds(pem, bundles->authority))
        buffer_add_text(&all, bundles->authority);
    path = folder_write(bundles->folder, name, buffer_text(&all), complaint);
    buffer_free(&all);
    return path;
}

static struct bundle *find(const struct bundles *bundles, const char *base)
{
    struct bundle *bundle = bundles->first;

    while (bundle && strcmp(bundle->base, base) != 0)
        bundle = bundle->next;
    return bundle;
}

/* The bundle made from `base`, made now if need be; NULL with errno if that cannot be read, and
 * with a complaint if the bundle cannot be written. */
static const char *bundle_of(struct bundles *bundles, const char *base, struct buffer *complaint)
{
    struct bundle *bundle = find(bundles, base);
    struct buffer pem = { 0 };

    if (!bundle && (!*base || read_base(base, &pem))) {
        const char *path = write_bundle(bundles, base, buffer_text(&pem), complaint);

        if (path) {
            bundle = memory_take(sizeof *bundle);
            bundle->base = memory_string(text_from(base));
            bundle->path = path;
            bundle->next = bundles->first;
            bundles->first = bundle;
        }
    }
    buffer_free(&pem);
    return bundle ? bundle->path : NULL;
}

/* What a bundle in our own folder was made from; anything else is itself. */
static void add_base(const struct bundles *bundles, const char *named, struct buffer *base)
{
    struct buffer content = { 0 };
    struct text line, mark = TEXT(MARK);

    if (!folder_holds(bundles->folder, named)) {
        buffer_add_string(base, named);
    } else if (file_read(named, &content)) {
        line = buffer_text(&content);
        line.length = text_find(line, '\n');
        if (text_starts(line, mark))
            buffer_add_text(base, text_from_offset(line, mark.length));
    }
    buffer_free(&content);
}

static const char *bundle_for(struct bundles *bundles, const char *variable, const char *named,
                              const char *otherwise, struct buffer *complaint)
{
    struct buffer base = { 0 };
    size_t complaints = complaint->length;
    const char *path = NULL;

    if (named && *named)
        add_base(bundles, named, &base);
    if (base.length > 0) {
        path = bundle_of(bundles, base.at, complaint);
        if (!path && complaint->length == complaints)
            say_errno("%s names %s, which cannot be read", variable, base.at);
    }
    buffer_free(&base);
    if (!path && complaint->length == complaints) {
        path = bundle_of(bundles, otherwise, complaint);
        if (!path && complaint->length == complaints)
            buffer_format(complaint, "cannot read %s: %s", otherwise, strerror(errno));
    }
    return path;
}

const char *bundles_merged(struct bundles *bundles, const char *variable, const char *named,
                           struct buffer *complaint)
{
    return bundle_for(bundles, variable, named, system_file(), complaint);
}

const char *bundles_extra(struct bundles *bundles, const char *variable, const char *named,
                          struct buffer *complaint)
{
    return bundle_for(bundles, variable, named, "", complaint);
}

const char *bundles_authority(struct bundles *bundles, struct buffer *complaint)
{
    return bundle_for(bundles, "", NULL, "", complaint);
}
