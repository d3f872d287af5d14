/* The catalogue of faults, in the order of the manual: FAULT(name) stands for `fault_name` in
 * faults/name.c. No include guard: it is expanded several times. */
FAULT(error)
FAULT(latency)
FAULT(hang)
FAULT(flood)
FAULT(reset)
FAULT(refuse)
FAULT(unresolved)
FAULT(unreachable)
FAULT(accept_silence)
FAULT(max_age)
