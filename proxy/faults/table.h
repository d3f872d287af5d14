/* The catalogue of faults, in the order of the manual: FAULT(name) stands for `fault_name` in
 * faults/name.c. No include guard: it is expanded several times. */
FAULT(error)
FAULT(latency)
FAULT(hang)
FAULT(flood)
FAULT(reset)
