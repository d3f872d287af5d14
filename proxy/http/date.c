/* date: where day, month, year and time stand in each of the forms. */
#include "http/date.h"

/* Takes exactly `digits` digits off the front; false if there are fewer. */
static bool take_number(struct text *text, size_t digits, int *number)
{
    *number = 0;
    if (text->length < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        *number = 10 * *number + (text->at[i] - '0');
    }
    *text = text_from_offset(*text, digits);
    return true;
}

static bool take(struct text *text, const char *expected)
{
    struct text wanted = text_from(expected);

    if (!text_starts(*text, wanted))
        return false;
    *text = text_from_offset(*text, wanted.length);
    return true;
}

static bool take_month(struct text *text, int *month)
{
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

    for (*month = 0; text->length >= 3 && *month < (int)COUNT_OF(months); ++*month)
        if (text_is_nocase(text_of(text->at, 3), months[*month])) {
            *text = text_from_offset(*text, 3);
            return true;
        }
    return false;
}

static bool take_time(struct text *text, struct tm *parts)
{
    return take_number(text, 2, &parts->tm_hour) && take(text, ":") &&
           take_number(text, 2, &parts->tm_min) && take(text, ":") &&
           take_number(text, 2, &parts->tm_sec);
}

/* 06 Nov 1994 08:49:37 GMT */
static bool read_fixdate(struct text text, struct tm *parts)
{
    return take_number(&text, 2, &parts->tm_mday) && take(&text, " ") &&
           take_month(&text, &parts->tm_mon) && take(&text, " ") &&
           take_number(&text, 4, &parts->tm_year) && take(&text, " ") && take_time(&text, parts) &&
           text_is(text, " GMT");
}

/* 06-Nov-94 08:49:37 GMT */
static bool read_rfc850(struct text text, time_t now, struct tm *parts)
{
    struct tm today;

    if (!take_number(&text, 2, &parts->tm_mday) || !take(&text, "-") ||
        !take_month(&text, &parts->tm_mon) || !take(&text, "-") ||
        !take_number(&text, 2, &parts->tm_year) || !take(&text, " ") || !take_time(&text, parts) ||
        !text_is(text, " GMT"))
        return false;
    /* More than 50 years ahead: the most recent year in the past with these digits. */
    gmtime_r(&now, &today);
    today.tm_year += 1900;
    parts->tm_year += today.tm_year / 100 * 100;
    if (parts->tm_year > today.tm_year + 50)
        parts->tm_year -= 100;
    return true;
}

/* Nov  6 08:49:37 1994 */
static bool read_asctime(struct text text, struct tm *parts)
{
    return take_month(&text, &parts->tm_mon) && take(&text, " ") &&
           (take(&text, " ") ? take_number(&text, 1, &parts->tm_mday)
                             : take_number(&text, 2, &parts->tm_mday)) &&
           take(&text, " ") && take_time(&text, parts) && take(&text, " ") &&
           take_number(&text, 4, &parts->tm_year) && text_is_empty(text);
}

static bool is_a_moment(const struct tm *parts)
{
    return parts->tm_mday >= 1 && parts->tm_mday <= 31 && parts->tm_hour < 24 &&
           parts->tm_min < 60 && parts->tm_sec <= 60;
}

bool http_date_read(struct text text, time_t now, time_t *when)
{
    size_t day = text_find(text, ' ');
    struct text rest = text_from_offset(text, day + 1);
    struct tm parts = { 0 };

    if (day < 3 || day == text.length)
        return false;
    if (text.at[day - 1] != ',') {
        if (day != 3 || !read_asctime(rest, &parts))
            return false;
    } else if (!read_fixdate(rest, &parts)) {
        parts = (struct tm){ 0 };
        if (!read_rfc850(rest, now, &parts))
            return false;
    }
    if (!is_a_moment(&parts))
        return false;
    parts.tm_year -= 1900;
    *when = timegm(&parts);
    return true;
}
