/* client_hello: the first message of TLS, read only for where it wants to go. */
#ifndef PANNE_HTTP_CLIENT_HELLO_H
#define PANNE_HTTP_CLIENT_HELLO_H

#include "http/sniff.h"

#define CLIENT_HELLO_FIRST_BYTE 22 /* of a record that carries a handshake */
#define CLIENT_HELLO_MOST 16384u   /* bytes, with the records' headers */

/* As sniff(), for bytes that start with a handshake record. */
enum sniffed client_hello_read(struct text bytes, struct client_hello *hello, char *scratch);

#endif
