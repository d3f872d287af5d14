/* certs_store: the CA in the shapes of trust stores that are no PEM file. */
#ifndef PANNE_NET_CERTS_STORE_H
#define PANNE_NET_CERTS_STORE_H

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "net/certs.h"

/* Java opens a store only with a password, though there is nothing to hide in it; this is the one
 * of Java's own. */
#define CERTS_STORE_PASSWORD "changeit"

/* Appends a PKCS#12 store (RFC 7292) for Java 8 and later with our CA and every certificate of
 * `pem`, each as a trusted one; what is no certificate in there is passed over. */
MUST_USE bool certs_store_java(const struct certs *certs, struct text pem, struct buffer *out,
                               struct buffer *complaint);

/* The file name by which OpenSSL finds the CA in a folder of certificates: `0123abcd.0`. */
#define CERTS_STORE_NAME 16
void certs_store_name(const struct certs *certs, char name[CERTS_STORE_NAME]);

#endif
