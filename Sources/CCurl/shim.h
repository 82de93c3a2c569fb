// libcurl for Swift. `curl_easy_setopt` and its relatives are variadic, which Swift cannot call; each function here
// fixes the one type that a family of options takes.

#ifndef SIGNALBOX_CCURL_SHIM_H
#define SIGNALBOX_CCURL_SHIM_H

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <sys/socket.h>

typedef size_t (*signalbox_curl_bytes_callback)(char *bytes, size_t size, size_t count, void *context);

// Options that take a number or a switch.
static inline CURLcode signalbox_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

// Options that take a size.
static inline CURLcode signalbox_curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

// Options that take a text, which libcurl copies.
static inline CURLcode signalbox_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

// Options that take a pointer which must stay valid while the handle is in use.
static inline CURLcode signalbox_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

// The callback that takes the response's body, and its context.
static inline CURLcode signalbox_curl_on_body(CURL *easy, signalbox_curl_bytes_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callback);
  return code ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

// The callback that takes the response's header lines, and its context.
static inline CURLcode signalbox_curl_on_header(CURL *easy, signalbox_curl_bytes_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callback);
  return code ? code : curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

// The callback that makes the socket for an address just resolved, and its context.
static inline CURLcode signalbox_curl_on_open_socket(CURL *easy, curl_opensocket_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
  return code ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
}

// The callback asked before a request goes out on a connection, new or reused, and its context.
static inline CURLcode signalbox_curl_on_request(CURL *easy, curl_prereq_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
  return code ? code : curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
}

static inline CURLcode signalbox_curl_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode signalbox_curl_get_size(CURL *easy, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode signalbox_curl_get_text(CURL *easy, CURLINFO info, const char **value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode signalbox_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

// The whole socket address; `addr` alone is too short for IPv6.
static inline const struct sockaddr *signalbox_curl_address(const struct curl_sockaddr *address) {
  return &address->addr;
}

#endif
