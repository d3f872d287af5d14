/* replay: stored inputs through a fuzz target, without a fuzzer. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each input lies in memory of exactly its size, so that a sanitizer sees a byte read too far. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t size = 0;
    int status = -1;

    if (!file)
        return -1;
    if (fseek(file, 0, SEEK_END) == 0 && ftell(file) >= 0) {
        size = (size_t)ftell(file);
        rewind(file);
        data = malloc(size ? size : 1);
    }
    if (data && fread(data, 1, size, file) == size)
        status = LLVMFuzzerTestOneInput(data, size);
    free(data);
    fclose(file);
    return status;
}

/* Returns how many inputs failed. */
static int replay_folder(const char *folder, int *count)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    int failed = 0;

    if (!directory)
        return 0;
    while ((entry = readdir(directory))) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        (*count)++;
        if (replay_file(path) != 0) {
            printf("%s: failed\n", path);
            failed++;
        }
    }
    closedir(directory);
    return failed;
}

int main(int argc, char **argv)
{
    uint8_t nothing = 0;
    int count = 1;
    int failed = LLVMFuzzerTestOneInput(&nothing, 0) != 0;

    for (int i = 1; i < argc; i++)
        failed += replay_folder(argv[i], &count);
    printf("%d inputs, %d failed\n", count, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
