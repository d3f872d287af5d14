/* event_dice: events out of hashed numbers, and texts made of odd pieces. */
#include "event_dice.h"

#include "base/attributes.h"
#include "base/random.h"

enum { PIECES_MOST = 24 };

static uint64_t dice_draw(struct dice *dice)
{
    return random_mix(dice->state++);
}

static uint64_t dice_below(struct dice *dice, uint64_t limit)
{
    return dice_draw(dice) % limit;
}

uint64_t dice_bits(struct dice *dice, unsigned most)
{
    uint64_t bits = dice_below(dice, most) + 1;

    return dice_draw(dice) >> (64 - bits);
}

static struct text dice_text(struct dice *dice)
{
    static const struct text pieces[] = {
        TEXT("a"),
        TEXT("/path/to/some/thing"),
        TEXT("\""),
        TEXT("\\"),
        TEXT("\n\r\t\b\f"),
        TEXT("\0"),
        TEXT("\x1f\x7f"),
        TEXT("\xc3\xa9"),
        TEXT("\xe2\x80\xa6"),
        TEXT("\xf0\x9f\x92\xa5"),
        TEXT("/"),
        TEXT("12345678"),
        TEXT("\xff"),
        TEXT("\xed\xa0\x80"),
        TEXT("\xc0\xaf"),
    };
    size_t known = COUNT_OF(pieces) - (dice->wild ? 0 : 3);
    uint64_t count = dice_below(dice, 3) ? dice_below(dice, PIECES_MOST) : 0;
    struct buffer buffer = { 0 };
    struct text text;

    while (count-- > 0)
        buffer_add_text(&buffer, pieces[dice_below(dice, known)]);
    text = arena_copy(&dice->arena, buffer_text(&buffer));
    buffer_free(&buffer);
    return text;
}

static usec dice_time(struct dice *dice)
{
    usec time = (usec)dice_bits(dice, dice->wild ? 64 : 50);

    switch (dice_below(dice, 6)) {
    case 0:
        return NEVER;
    case 1:
        return time == INT64_MIN ? 0 : -time;
    default:
        return time;
    }
}

static double dice_real(struct dice *dice)
{
    uint64_t bits = dice_draw(dice);
    double real = random_unit(bits);

    switch (dice_below(dice, 4)) {
    case 0:
        return (double)(int)(real * 20);
    case 1:
        if (dice->wild)
            memcpy(&real, &bits, sizeof real);
        return real;
    case 2:
        return -1.0 - 1e9 * real;
    default:
        return real;
    }
}

void dice_fill(struct dice *dice, const struct event_description *description, char *event)
{
    for (size_t i = 0; i < description->count; i++) {
        char *at = event + description->fields[i].offset;

        switch (description->fields[i].type) {
        case EVENT_TEXT:
            *(struct text *)(void *)at = dice_text(dice);
            break;
        case EVENT_COUNT:
            *(uint64_t *)(void *)at = dice_bits(dice, dice->wild ? 64 : 59);
            break;
        case EVENT_HASH:
            *(uint64_t *)(void *)at = dice_below(dice, 3) ? dice_bits(dice, 64) : 0;
            break;
        case EVENT_DURATION:
        case EVENT_MOMENT:
            *(usec *)(void *)at = dice_time(dice);
            break;
        case EVENT_FLAG:
            *(bool *)at = dice_below(dice, 2);
            break;
        case EVENT_REAL:
            *(double *)(void *)at = dice_real(dice);
            break;
        }
    }
}
