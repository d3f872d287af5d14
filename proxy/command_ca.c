/* command_ca: the local certificate authority: made, looked at, handed to others. */
#include "command.h"

#include <stdio.h>

#include "base/problems.h"
#include "base/say.h"
#include "environment.h"
#include "net/certs.h"
#include "run_tls.h"

/* Where `env` leaves the files that its variables name: beside the authority. */
#define ENVIRONMENT_FOLDER "environment"

_Static_assert((int)FORMAT_SH == (int)ENVIRONMENT_SH &&
                   (int)FORMAT_DOTENV == (int)ENVIRONMENT_DOTENV &&
                   (int)FORMAT_JSON == (int)ENVIRONMENT_JSON &&
                   (int)FORMAT_GITHUB == (int)ENVIRONMENT_GITHUB,
               "--format needs no translation");

static bool find_folder(const struct options *options, struct buffer *folder,
                        struct buffer *complaint)
{
    if (options->ca_dir.at)
        buffer_add_text(folder, options->ca_dir);
    else if (!certs_default_folder(folder))
        buffer_add_string(complaint, "there is no place for the local authority: neither HOME nor "
                                     "XDG_DATA_HOME is set (--ca-dir)");
    return complaint->length == 0;
}

static bool init(const struct options *options, struct buffer *out, struct buffer *complaint)
{
    struct buffer folder = { 0 };
    struct certs *certs = NULL;

    if (find_folder(options, &folder, complaint) &&
        certs_init(folder.at, options->replace, complaint))
        certs = certs_open(folder.at, complaint);
    if (certs)
        certs_describe(certs, out);
    certs_free(certs);
    buffer_free(&folder);
    return complaint->length == 0;
}

static bool show(const struct options *options, struct buffer *out, struct buffer *complaint)
{
    struct certs *certs = run_tls_authority(options, complaint);

    if (certs)
        certs_describe(certs, out);
    certs_free(certs);
    return complaint->length == 0;
}

static bool export(const struct options *options, struct buffer *out, struct buffer *complaint)
{
    struct certs *certs = run_tls_authority(options, complaint);

    if (certs)
        buffer_add_text(out, certs_pem(certs));
    certs_free(certs);
    return complaint->length == 0;
}

static bool env(const struct options *options, struct buffer *out, struct buffer *complaint)
{
    struct certs *certs = run_tls_authority(options, complaint);
    struct environment *environment = NULL;
    struct buffer folder = { 0 };

    if (certs && find_folder(options, &folder, complaint)) {
        buffer_add_string(&folder, "/" ENVIRONMENT_FOLDER);
        environment = environment_new(
            &(struct environment_options){ .proxy_url = options->proxy.at,
                                           .certs = certs,
                                           .keep_no_proxy = options->no_proxy == NO_PROXY_KEEP,
                                           .folder = folder.at },
            complaint);
    }
    if (environment)
        environment_print(environment, (enum environment_format)options->format, out);
    environment_free(environment);
    buffer_free(&folder);
    certs_free(certs);
    return complaint->length == 0;
}

static const struct action {
    const char *name;
    bool (*run)(const struct options *options, struct buffer *out, struct buffer *complaint);
} actions[] = {
    { "init", init },
    { "show", show },
    { "export", export },
    { "env", env },
};

static const char *action_name_at(const void *list, size_t index)
{
    (void)list;
    return index < COUNT_OF(actions) ? actions[index].name : NULL;
}

static const struct action *find_action(struct text name)
{
    const char *meant = NULL;

    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (text_is(name, actions[i].name))
            return &actions[i];
    meant = problem_suggestion(name, action_name_at, NULL);
    say("ca does not know %.*s%s%s%s (init, show, export, env)", (int)name.length, name.at,
        meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    return NULL;
}

static int write_out(const char *path, struct text text)
{
    FILE *file = fopen(path, "we");
    bool whole = file && fwrite(text.at, 1, text.length, file) == text.length;

    if (file && fclose(file) != 0)
        whole = false;
    if (!whole)
        say_errno("%s cannot be written", path);
    return whole ? EXIT_PASSED : EXIT_BROKEN;
}

int command_ca(const struct options *options)
{
    const struct action *action = find_action(options->words.items[0]);
    struct buffer out = { 0 }, complaint = { 0 };
    int status = EXIT_BROKEN;

    if (!action)
        return EXIT_USAGE;
    if (options->proxy.at && !environment_takes_proxy(options->proxy.at)) {
        say("--proxy %s: wants http://HOST:PORT", options->proxy.at);
        return EXIT_USAGE;
    }
    if (action->run(options, &out, &complaint))
        status =
            options->out.at ? write_out(options->out.at, buffer_text(&out)) : command_print(&out);
    else
        say("%s", complaint.at);
    buffer_free(&complaint);
    buffer_free(&out);
    return status;
}
