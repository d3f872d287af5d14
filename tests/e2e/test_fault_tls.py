"""Faults of TLS with clients: what openssl, curl, requests and Node make of them."""
import re
import time

import pytest
import requests

from origins import ForEver, answer, read_head
from ways import Way, events, run, wait_events

KEPT = ForEver([read_head(), answer()])
TLS = ("tls", "connect")

CERTIFICATES = {  # openssl's word for it, at security level 2
    "expired": "certificate has expired",
    "not-yet-valid": "certificate is not yet valid",
    "wrong-name": "hostname mismatch",
    "self-signed": "self-signed certificate",
    "unknown-issuer": "self-signed certificate in certificate chain",
    "missing-intermediate": "unable to get local issuer certificate",
    "weak-key": "EE certificate key too weak",
    "sha1": "CA signature digest algorithm too weak",
}


def s_client(through, *arguments, within=20):
    way_in = ["-connect", f"127.0.0.1:{through.panne.port()}"]
    if through.kind == "connect":
        way_in = ["-proxy", f"127.0.0.1:{through.panne.port()}", "-connect", through.host]
    return run("openssl", "s_client", *way_in, "-servername", "localhost", "-verify_hostname",
               "localhost", "-CAfile", through.ca, *arguments, stdin="", within=within)


def fault_of(through):
    wait_events(through.panne, "connection", 1)
    return events(through.panne, "fault")[0]


@pytest.mark.parametrize("kind", TLS)
@pytest.mark.parametrize("what, words", CERTIFICATES.items())
def test_a_certificate_is_refused_by_openssl(way, faults, kind, what, words):
    through = way(kind, KEPT, scenario=faults(f"certificate: {what}"))
    done = s_client(through, "-verify_return_error", "-cipher", "DEFAULT:@SECLEVEL=2")
    assert words in done.stdout + done.stderr, done.stderr
    assert fault_of(through)["exercised"]
    assert not any(through.origin.received)


@pytest.mark.parametrize("kind", TLS)
@pytest.mark.parametrize("what", ["expired", "self-signed", "unknown-issuer", "wrong-name"])
def test_a_certificate_is_refused_by_curl_and_requests(way, faults, kind, what):
    through = way(kind, KEPT, scenario=faults(f"certificate: {what}"))
    assert through.curl().returncode == 60
    with pytest.raises(requests.exceptions.SSLError) as caught:
        requests.get(through.base.replace("127.0.0.1", "localhost"), timeout=5, **through.requests)
    assert ("wrong-name.invalid" if what == "wrong-name" else
            "CERTIFICATE_VERIFY_FAILED") in str(caught.value)


def test_a_client_that_does_not_check_is_served(way, faults):
    through = way("tls", KEPT, scenario=faults("certificate: expired"))
    assert through.curl("--insecure").stdout == "ok"
    assert fault_of(through)["exercised"], "who goes on has felt nothing, and was shown it"


def test_node_names_the_reason(way, faults):
    through = way("tls", KEPT, scenario=faults("certificate: expired"))
    done = run("node", "-e", f"fetch('https://localhost:{through.panne.port()}/')"
               ".catch(error => console.log(error.cause.code))",
               env={"NODE_EXTRA_CA_CERTS": str(through.ca), "PATH": "/usr/bin:/bin:/usr/local/bin"})
    assert done.stdout.strip() == "CERT_HAS_EXPIRED", done.stderr


def test_a_share_of_connections_is_shown_it(way, faults):
    through = way("tls", KEPT, scenario=faults("certificate: expired, share: 50%"))
    codes = [through.curl().returncode for _ in range(30)]
    assert set(codes) == {0, 60} and 5 <= codes.count(60) <= 25


def test_a_certificate_of_the_users_own_gives_way_to_a_bad_one(panne, origin, faults, authority, ca):
    certificate, key = authority.issue("own", "DNS:localhost")
    proxy = panne("run", faults("certificate: expired, share: 50%"), "--listen", "https://127.0.0.1:0",
                  "--cert", certificate, "--key", key, "--upstream", origin(KEPT).url)
    def fetch():
        return run("curl", "-sS", "--cacert", authority.certificate, "--connect-to",
                   f"localhost:443:127.0.0.1:{proxy.port()}", "https://localhost/").returncode
    codes = {fetch() for _ in range(20)}
    assert codes == {0, 60}


@pytest.mark.parametrize("kind", TLS)
@pytest.mark.parametrize("alert, words", [("handshake_failure", "handshake failure"),
                                          ("internal_error", "internal error"),
                                          ("unrecognized_name", "unrecognized name"),
                                          ("access_denied", "access denied")])
def test_an_alert_answers_the_hello(way, faults, kind, alert, words):
    through = way(kind, KEPT, scenario=faults(f"alert: {alert}"))
    done = through.curl()
    assert done.returncode == 35 and words in done.stderr.replace("_", " "), done.stderr
    assert fault_of(through)["exercised"]


@pytest.mark.parametrize("kind", TLS)
@pytest.mark.parametrize("at", ["hello", "server-hello", "finished"])
def test_a_stalled_handshake_meets_the_clients_time_out(way, faults, kind, at):
    through = way(kind, KEPT, scenario=faults(f"handshake-stall: {{at: {at}}}"))
    done = through.curl("--max-time", "1.5", "-v")
    assert done.returncode == 28, done.stderr
    said = "Server hello (2)" in done.stderr
    assert said == (at != "hello"), done.stderr
    assert fault_of(through)["exercised"]


@pytest.mark.parametrize("kind", TLS)
@pytest.mark.parametrize("at", ["hello", "server-hello", "finished"])
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_stall_may_end(way, faults, kind, at, version):
    through = way(kind, KEPT, scenario=faults(f"handshake-stall: {{for: 400ms, at: {at}}}"))
    begun = time.monotonic()
    done = through.curl(f"--tlsv{version}", "--tls-max", version, "--max-time", "10")
    assert done.stdout == "ok", done.stderr
    assert time.monotonic() - begun >= 0.4
    assert fault_of(through)["exercised"]


@pytest.mark.parametrize("kind", TLS)
def test_an_old_version_is_all_there_is(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("version: '1.1'"))
    assert through.curl().returncode == 35
    done = s_client(through, "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0")
    assert "TLSv1.1" in done.stdout and "Verify return code: 0 (ok)" in done.stdout
    assert fault_of(through)["exercised"]


def test_a_client_content_with_1_2_is_served(way, faults):
    through = way("tls", KEPT, scenario=faults("version: '1.2'"))
    done = through.curl("-v")
    assert "TLSv1.2" in done.stderr and done.stdout == "ok"


@pytest.mark.parametrize("kind", TLS)
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_no_session_is_resumed(way, faults, kind, version, tmp_path):
    through = way(kind, KEPT, scenario=faults("resumption: denied"))
    kept = tmp_path / "session"
    ask = ("-ign_eof", "-sess_out", kept, version)
    first = run("openssl", "s_client", "-CAfile", through.ca, "-servername", "localhost", *ask,
                *(["-proxy", f"127.0.0.1:{through.panne.port()}", "-connect", through.host]
                  if kind == "connect" else ["-connect", f"127.0.0.1:{through.panne.port()}"]),
                stdin="GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert "200 OK" in first.stdout and not re.search("Reused, TLS", first.stdout)
    if kept.exists():
        again = s_client(through, "-sess_in", kept, version)
        assert "Reused, TLS" not in again.stdout
    assert fault_of(through)["exercised"]


def test_plain_connections_do_not_feel_them(way, faults):
    through = way("plain", KEPT, scenario=faults("certificate: expired"))
    assert requests.get(through.base, timeout=5).status_code == 200
    assert not fault_of(through)["exercised"]
    assert through.panne.stop() == 4
