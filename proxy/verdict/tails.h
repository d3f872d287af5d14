/* tails: how much of a beta or gamma distribution lies below or above a point, far out too; and
 * where so much lies. Right to about 10 digits for sizes up to 10^9. For statistics*.c alone. */
#ifndef PANNE_VERDICT_TAILS_H
#define PANNE_VERDICT_TAILS_H

/* The natural logarithm of I_x(a, b), the regularized incomplete beta function; a, b > 0. For whole
 * k and n it is that of P(k or more hits among n) at share x, with a = k and b = n - k + 1. */
double tails_beta(double a, double b, double x);
/* The x where I_x(a, b) = p; 0 < p < 1. */
double tails_beta_at(double a, double b, double p);

/* The natural logarithms of P(a, x) and Q(a, x), the regularized incomplete gamma functions; a > 0,
 * x >= 0. For whole k, P(k, x) is that of k or more events where x are expected. */
double tails_gamma_below(double a, double x);
double tails_gamma_above(double a, double x);
/* The x where P(a, x) = p, and where Q(a, x) = p; 0 < p <= 0.5. */
double tails_gamma_below_at(double a, double p);
double tails_gamma_above_at(double a, double p);

/* What Student's t with so many degrees of freedom exceeds with probability p; 0 < p < 0.5. */
double tails_student_at(double freedom, double p);

#endif
