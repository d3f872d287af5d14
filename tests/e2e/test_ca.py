"""The local authority: made, shown, exported, and handed to programs that are started by hand."""
import json
import os
import pathlib
import shlex
import stat
import subprocess
import urllib.parse

import pytest


@pytest.fixture
def folder(tmp_path):
    """An authority's folder of the test's own; it does not exist yet."""
    return tmp_path / "authority"


def openssl(*arguments, stdin=None):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True,
                          input=stdin, timeout=30, check=False)
    return done.returncode, done.stdout + done.stderr


def test_init_makes_an_authority_that_only_we_can_read(command, folder):
    made = command("ca", "init", "--ca-dir", folder)
    assert made.returncode == 0, made.stderr
    assert "panne local CA" in made.stdout and "SHA-256" in made.stdout
    assert stat.S_IMODE((folder / "ca-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_init_replaces_only_when_asked_to(command, folder):
    assert command("ca", "init", "--ca-dir", folder).returncode == 0
    first = (folder / "ca.pem").read_bytes()
    again = command("ca", "init", "--ca-dir", folder)
    assert again.returncode == 3
    assert "--replace" in again.stderr
    assert (folder / "ca.pem").read_bytes() == first
    assert command("ca", "init", "--replace", "--ca-dir", folder).returncode == 0
    assert (folder / "ca.pem").read_bytes() != first


def test_export_is_the_certificate_alone(command, folder):
    command("ca", "init", "--ca-dir", folder)
    exported = command("ca", "export", "--ca-dir", folder)
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout == (folder / "ca.pem").read_text()
    assert "PRIVATE" not in exported.stdout


def test_export_writes_to_a_file(command, folder, tmp_path):
    exported = command("ca", "export", "--ca-dir", folder, "--out", tmp_path / "out.pem")
    assert exported.returncode == 0 and exported.stdout == ""
    assert (tmp_path / "out.pem").read_text() == (folder / "ca.pem").read_text()
    refused = command("ca", "export", "--ca-dir", folder, "--out", "/dev/full")
    assert refused.returncode == 3 and "No space left" in refused.stderr


def test_show_tells_the_fingerprint_that_openssl_tells(command, folder):
    command("ca", "init", "--ca-dir", folder)
    shown = command("ca", "show", "--ca-dir", folder)
    assert shown.returncode == 0, shown.stderr
    _, printed = openssl("x509", "-in", folder / "ca.pem", "-noout", "-fingerprint", "-sha256")
    assert printed.strip().partition("=")[2] in shown.stdout


def test_key_that_others_can_read_is_refused(command, folder):
    command("ca", "init", "--ca-dir", folder)
    (folder / "ca-key.pem").chmod(0o640)
    refused = command("ca", "export", "--ca-dir", folder)
    assert refused.returncode == 3
    assert "chmod 600" in refused.stderr and refused.stdout == ""


def test_authority_and_leaf_verify_strictly(panne, nginx, ca):
    code, said = openssl("verify", "-x509_strict", "-CAfile", ca, ca)
    assert code == 0, said
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream-ca", nginx.ca)
    address = urllib.parse.urlsplit(proxy.url("forward")).netloc
    code, said = openssl("s_client", "-proxy", address, "-connect", f"localhost:{nginx.https_port}",
                         "-servername", "localhost", "-verify_hostname", "localhost", "-x509_strict",
                         "-verify_return_error", "-CAfile", ca, stdin="")
    assert code == 0, said
    assert "Verify return code: 0 (ok)" in said


@pytest.mark.parametrize("arguments, said", [
    (["ca", "exprot"], "did you mean export"),
    (["ca"], "init|show|export|env"),
    (["ca", "env", "--format", "yaml"], "yaml"),
    (["ca", "env", "--proxy", "127.0.0.1"], "http://HOST:PORT"),
])
def test_wrong_usage_is_explained(command, arguments, said):
    done = command(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def variables(text, form):
    """What a reader of the format makes of it."""
    if form == "json":
        return json.loads(text)
    if form == "dotenv":
        return {name: shlex.split(value)[0] if value else "" for name, _, value in
                (line.partition("=") for line in text.splitlines())}
    if form == "github":
        found, lines = {}, iter(text.splitlines())
        for line in lines:
            name, _, end = line.partition("<<")
            value = []
            while (line := next(lines)) != end:
                value.append(line)
            found[name] = "\n".join(value)
        return found
    shell = subprocess.run(["sh", "-c", text + "\nexec env -0"], env={"PATH": os.environ["PATH"]},
                           capture_output=True, text=True, check=True)
    return dict(entry.split("=", 1) for entry in shell.stdout.split("\0") if entry)


@pytest.mark.parametrize("form", ["sh", "dotenv", "json", "github"])
def test_env_names_proxy_and_files_that_stay(command, folder, form):
    printed = command("ca", "env", "--format", form, "--proxy", "http://127.0.0.1:9",
                      "--ca-dir", folder, env={"JAVA_TOOL_OPTIONS": "-Da='b c'"})
    assert printed.returncode == 0, printed.stderr
    found = variables(printed.stdout, form)
    assert found["https_proxy"] == found["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert found["NO_PROXY"] == found["no_proxy"] == ""
    assert found["JAVA_TOOL_OPTIONS"].startswith("-Da='b c' -Dhttp.proxyHost=127.0.0.1 ")
    for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "PANNE_CA_FILE"):
        assert (folder / "ca.pem").read_text() in pathlib.Path(found[name]).read_text()


def test_env_of_an_env_is_the_same(command, folder):
    once = command("ca", "env", "--ca-dir", folder, "--format", "json")
    twice = command("ca", "env", "--ca-dir", folder, "--format", "json", env=json.loads(once.stdout))
    assert twice.returncode == 0, twice.stderr
    assert json.loads(twice.stdout) == json.loads(once.stdout)


def test_env_leads_a_client_that_is_started_by_hand(panne, command, environment, nginx):
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream-ca", nginx.ca)
    printed = command("ca", "env", "--format", "json", "--proxy", proxy.url("forward"))
    done = subprocess.run(["curl", "-sS", "--fail", nginx.https_url + "/hello"], text=True,
                          env={**environment, **json.loads(printed.stdout)}, timeout=30,
                          capture_output=True, check=False)
    assert done.stdout == "hello\n", done.stderr
