/* tails: the incomplete beta and gamma functions, and their inverses.
 *
 * The factor in front comes from C. Loader, Fast and Accurate Computation of Binomial Probabilities
 * (2000): no difference of large logarithms, so that 10^7 samples cost no digits. Behind it stand
 * the continued fractions and the series of Abramowitz and Stegun (26.5.8, 6.5.29, 6.5.31), the
 * former by Lentz's method. */
#include "verdict/tails.h"

#include <math.h>
#include <stdbool.h>

#include "base/random.h"

enum { TERMS_MOST = 1000000, STEPS_MOST = 100 };

static const double close_enough = 1e-15;
static const double log_least = -745;                 /* exp() of less is 0 */
static const double log_turn = 1.8378770664093454836; /* ln 2 pi */

/* ln Gamma(z + 1) less Stirling's formula for it; z > 0. */
static double stirling_error(double z)
{
    const double s = 1 / (z * z);
    int sign;

    if (z < 16)
        return lgamma_r(z + 1, &sign) - (z + 0.5) * log(z) + z - log_turn / 2;
    return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)))) / z;
}

/* x ln (x / mean) + mean - x, without loss where the two are near to each other. */
static double deviance(double x, double mean)
{
    double v = (x - mean) / (x + mean), sum = (x - mean) * v, term = 2 * x * v;

    if (mean <= 0)
        return HUGE_VAL;
    if (fabs(v) >= 0.1)
        return x * log(x / mean) + mean - x;
    for (int i = 3; i < 100; i += 2) {
        double before = sum;

        term *= v * v;
        sum += term / i;
        if (sum == before)
            break;
    }
    return sum;
}

/* ln (x^a (1 - x)^b / B(a, b)) */
static double beta_front(double a, double b, double x)
{
    const double n = a + b;

    return (log(a) + log(b / n) - log_turn) / 2 + stirling_error(n) - stirling_error(a) -
           stirling_error(b) - deviance(a, n * x) - deviance(b, n * (1 - x));
}

static double not_zero(double x)
{
    return fabs(x) < 1e-300 ? 1e-300 : x;
}

/* A continued fraction, taken term by term from its front. */
struct fraction {
    double value, above, below;
};

/* False once a term changes nothing. */
static bool fraction_add(struct fraction *fraction, double numerator, double denominator)
{
    double change;

    fraction->below = 1 / not_zero(denominator + numerator * fraction->below);
    fraction->above = not_zero(denominator + numerator / fraction->above);
    change = fraction->above * fraction->below;
    fraction->value *= change;
    return fabs(change - 1) > close_enough;
}

static double beta_fraction(double a, double b, double x)
{
    struct fraction fraction = { .above = 1 };
    bool more = true;

    fraction.below = 1 / not_zero(1 - (a + b) * x / (a + 1));
    fraction.value = fraction.below;
    for (int m = 1; m < TERMS_MOST && more; m++) {
        const double twice = a + 2.0 * m;

        more = fraction_add(&fraction, m * (b - m) * x / ((twice - 1) * twice), 1);
        more |= fraction_add(&fraction, -(a + m) * (a + b + m) * x / (twice * (twice + 1)), 1);
    }
    return fraction.value;
}

/* ln (1 - e^l) */
static double other_part(double l)
{
    if (l >= 0)
        return -HUGE_VAL;
    return l > -M_LN2 ? log(-expm1(l)) : log1p(-exp(l));
}

/* That of the smaller side, of which the fraction converges fast. */
static double beta_direct(double a, double b, double x)
{
    return beta_front(a, b, x) - log(a) + log(beta_fraction(a, b, x));
}

double tails_beta(double a, double b, double x)
{
    if (x <= 0)
        return -HUGE_VAL;
    if (x >= 1)
        return 0;
    if (x <= (a + 1) / (a + b + 2))
        return fmin(beta_direct(a, b, x), 0);
    return other_part(beta_direct(b, a, 1 - x));
}

/* ln (x^a e^-x / Gamma(a + 1)) */
static double gamma_front(double a, double x)
{
    return -(log(a) + log_turn) / 2 - stirling_error(a) - deviance(a, x);
}

/* P over its front; for x < a + 1. */
static double gamma_series(double a, double x)
{
    double term = 1, sum = 1;

    for (int i = 1; i < TERMS_MOST && term > sum * close_enough; i++) {
        term *= x / (a + i);
        sum += term;
    }
    return sum;
}

/* Q over its front; for x >= a + 1. */
static double gamma_fraction(double a, double x)
{
    struct fraction fraction = { .above = 1e300 };
    bool more = true;

    fraction.below = 1 / not_zero(x + 1 - a);
    fraction.value = fraction.below;
    for (int i = 1; i < TERMS_MOST && more; i++)
        more = fraction_add(&fraction, -i * (i - a), x + 1 - a + 2.0 * i);
    return a * fraction.value;
}

double tails_gamma_below(double a, double x)
{
    if (x <= 0)
        return -HUGE_VAL;
    if (x < a + 1)
        return fmin(gamma_front(a, x) + log(gamma_series(a, x)), 0);
    return other_part(gamma_front(a, x) + log(gamma_fraction(a, x)));
}

double tails_gamma_above(double a, double x)
{
    if (x <= 0)
        return 0;
    if (x < a + 1)
        return other_part(gamma_front(a, x) + log(gamma_series(a, x)));
    return fmin(gamma_front(a, x) + log(gamma_fraction(a, x)), 0);
}

/* A tail as a function of u = ln x, in which it is nearly straight where it is small. */
struct curve {
    double a, b;
    double (*tail)(const struct curve *curve, double x);
    double (*front)(const struct curve *curve, double x); /* ln of x times the density */
    bool falling;
};

/* Where the tail's logarithm is `target`, from `x` on and within ln x = low..high: Newton's method,
 * or half of what is left where that leads nowhere. */
static double curve_solve(const struct curve *curve, double target, double x, double low,
                          double high)
{
    double u = fmin(fmax(log(x), low), high);

    for (int i = 0; i < STEPS_MOST && high - low > 1e-14; i++) {
        double l = curve->tail(curve, exp(u)), miss = l - target, next;

        if ((miss > 0) != curve->falling)
            high = u;
        else
            low = u;
        next = exp(l - curve->front(curve, exp(u))) * miss;
        next = curve->falling ? u + next : u - next;
        if (!(next > low && next < high))
            next = low + (high - low) / 2;
        if (fabs(next - u) <= 1e-14 * fmax(1, fabs(u)))
            return exp(next);
        u = next;
    }
    return exp(u);
}

static double beta_tail(const struct curve *curve, double x)
{
    return tails_beta(curve->a, curve->b, x);
}

static double beta_density(const struct curve *curve, double x)
{
    return beta_front(curve->a, curve->b, x) - log1p(-x);
}

double tails_beta_at(double a, double b, double p)
{
    const struct curve curve = { a, b, beta_tail, beta_density, false };
    const double n = a + b, z = random_normal(p), share = a / n;
    const double middle = share + z * z / (2 * n);
    const double width = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    double guess = (middle + width) / (1 + z * z / n);

    return curve_solve(&curve, log(p), fmax(guess, 1e-300), log_least, -0x1p-53);
}

static double below_tail(const struct curve *curve, double x)
{
    return tails_gamma_below(curve->a, x);
}

static double above_tail(const struct curve *curve, double x)
{
    return tails_gamma_above(curve->a, x);
}

static double gamma_density(const struct curve *curve, double x)
{
    return gamma_front(curve->a, x) + log(curve->a);
}

/* Wilson and Hilferty 1931: the cube root of a gamma variable is nearly normal. */
static double cube_guess(double a, double z)
{
    double root = 1 - 1 / (9 * a) + z / (3 * sqrt(a));

    return a * root * root * root;
}

double tails_gamma_below_at(double a, double p)
{
    const struct curve curve = { a, 0, below_tail, gamma_density, false };
    double guess = cube_guess(a, random_normal(p));
    int sign;

    if (guess < a / 100)
        guess = exp(fmax((log(p) + lgamma_r(a + 1, &sign)) / a, log_least));
    return curve_solve(&curve, log(p), guess, log_least, log(a + 1));
}

double tails_gamma_above_at(double a, double p)
{
    const struct curve curve = { a, 0, above_tail, gamma_density, true };
    /* No farther out (Boucheron, Lugosi and Massart, Concentration Inequalities, 2.4). */
    const double most = a + sqrt(-2 * a * log(p)) - log(p);

    return curve_solve(&curve, log(p), cube_guess(a, -random_normal(p)), log(a) - 30, log(most));
}

double tails_student_at(double freedom, double p)
{
    double x = tails_beta_at(freedom / 2, 0.5, 2 * p);

    return sqrt(freedom * (1 - x) / x);
}
