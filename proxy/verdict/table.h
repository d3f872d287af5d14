/* The checks, in the order of reports and of the manual: CHECK(name) stands for `check_name` in
 * verdict/check_name.c. No include guard: it is expanded several times. */
CHECK(amplification)
