"""`panne run SCENARIO -- COMMAND`: real clients, none of which knows of a proxy, each against an
https origin that only panne trusts. An answer proves that the client came through the proxy (it
would not take the origin's certificate), and that it trusts the proxy's."""
import os
import pathlib
import pty
import shutil
import signal
import subprocess

import pytest

from panne import BINARY, wait_until

PYTHON = "/usr/bin/python3"


@pytest.fixture
def wrapped(panne, nginx):
    """Run a command to its end within panne; wrapped("curl", URL) returns the ended panne."""
    def run(*arguments, options=(), env=None, scenario="calm"):
        proxy = panne("run", scenario, "--upstream-ca", nginx.ca, *options, "--", *arguments,
                      ready=False, env=env)
        proxy.wait(60)
        return proxy
    return run


def requests_in(proxy):
    return [event for event in proxy.log() if event["event"] == "request"]


URLLIB = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode(), end='')"
REQUESTS = "import sys, requests; print(requests.get(sys.argv[1]).text, end='')"
LWP = ("use LWP::UserAgent; my $a = LWP::UserAgent->new->get($ARGV[0]);"
       "print $a->is_success ? $a->content : $a->status_line;")
# Before 22.21 Node.js knows no proxy of itself: the tunnel is asked for by hand, and what is tested
# is whom it trusts.
NODE = """
const [major, minor] = process.versions.node.split('.').map(Number);
const url = new URL(process.argv[1]);
function tunnel() {
    const proxy = new URL(process.env.HTTPS_PROXY);
    const ask = require('http').request({host: proxy.hostname, port: proxy.port,
                                         method: 'CONNECT', path: url.host});
    ask.on('connect', (answer, socket) => {
        require('https').get(url, {socket, agent: false, servername: url.hostname},
            (got) => { got.pipe(process.stdout); });
    });
    ask.end();
}
if (major > 22 || (major === 22 && minor >= 21))
    fetch(url).then((got) => got.text()).then((text) => process.stdout.write(text));
else
    tunnel();
"""

CLIENTS = {
    "curl": ["curl", "-sS", "--fail"],
    "wget": ["wget", "-q", "-O", "-"],
    "urllib": [PYTHON, "-c", URLLIB],
    "requests": [PYTHON, "-c", REQUESTS],
    "perl": ["perl", "-e", LWP],
    "node": ["node", "-e", NODE, "--"],
    "php": ["php", "-r", "$c = curl_init($argv[1]); curl_exec($c) || die(curl_error($c));", "--"],
}


NEEDS = {
    "perl": ["perl", "-MLWP::UserAgent", "-MLWP::Protocol::https", "-e", "1"],
    "php": ["php", "-r", "exit(function_exists('curl_init') ? 0 : 1);"],
}


def is_there(name, arguments):
    if not shutil.which(arguments[0]):
        return False
    return name not in NEEDS or \
        subprocess.run(NEEDS[name], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", CLIENTS)
def test_client_comes_through_and_trusts(wrapped, nginx, name):
    if not is_there(name, CLIENTS[name]):
        pytest.skip(f"no {name} here")
    proxy = wrapped(*CLIENTS[name], nginx.https_url + "/hello")
    assert proxy.status == 0, proxy.stderr
    assert "hello\n" in proxy.stdout
    assert len(requests_in(proxy)) == 1


JAVA = """
import java.net.URI;
import java.net.http.*;

class Get {
    public static void main(String[] a) throws Exception {
        var url = URI.create(a[0]);
        var modern = HttpClient.newHttpClient().send(HttpRequest.newBuilder(url).build(),
                                                     HttpResponse.BodyHandlers.ofString());
        System.out.print("modern " + modern.body());
        System.out.print("old " + new String(url.toURL().openStream().readAllBytes()));
    }
}
"""


def test_java_comes_through_and_trusts(wrapped, nginx, tmp_path):
    if not shutil.which("javac"):
        pytest.skip("no Java here")
    source = tmp_path / "Get.java"
    source.write_text(JAVA)
    proxy = wrapped("java", source, nginx.https_url + "/hello", env={"JAVA_TOOL_OPTIONS": "-Da=b"})
    assert proxy.status == 0, proxy.stderr
    assert "modern hello\nold hello\n" in proxy.stdout
    assert "JAVA_TOOL_OPTIONS: -Da=b -Dhttp.proxyHost=" in proxy.stderr
    assert len(requests_in(proxy)) == 2


def test_git_comes_through_and_trusts(wrapped, nginx):
    proxy = wrapped("git", "ls-remote", nginx.https_url + "/nothing")
    assert proxy.status == 1
    assert "not found" in proxy.stderr
    assert requests_in(proxy)


def test_npm_comes_through_and_trusts(wrapped, nginx):
    if not shutil.which("npm"):
        pytest.skip("no npm here")
    proxy = wrapped("npm", "ping", "--fetch-retries=0", "--registry", nginx.https_url)
    assert "E404" in proxy.stderr
    assert requests_in(proxy)


def test_origin_that_is_not_trusted_is_a_502(panne, nginx):
    proxy = panne("run", "calm", "--", "curl", "-sS", "-o", "answer", "-w", "%{http_code}",
                  nginx.https_url + "/hello", ready=False)
    proxy.wait(60)
    assert "502" in proxy.stdout


def test_own_authorities_stay_trusted_in_a_tunnel(wrapped, nginx):
    proxy = wrapped("curl", "-sS", "--fail", nginx.https_url + "/hello",
                    options=["--passthrough", "localhost"], env={"CURL_CA_BUNDLE": str(nginx.ca)})
    assert proxy.status == 0, proxy.stderr
    assert "hello\n" in proxy.stdout


def test_files_are_gone_afterwards(wrapped, environment):
    proxy = wrapped("sh", "-c", 'cat "$SSL_CERT_FILE" > copy; echo "at=$SSL_CERT_FILE"')
    assert "BEGIN CERTIFICATE" in (proxy.directory / "copy").read_text()
    path = proxy.stdout.partition("at=")[2].strip()
    assert path.startswith(environment["TMPDIR"])
    assert not pathlib.Path(path).parent.exists()
    assert not list(pathlib.Path(environment["TMPDIR"]).glob("panne-*"))


def test_arguments_and_streams_are_the_commands(wrapped):
    proxy = wrapped("sh", "-c", 'echo "$1|$2"; echo err >&2', "x", "a b", "--log")
    assert "a b|--log\n" in proxy.stdout
    assert "err\n" in proxy.stderr


@pytest.mark.parametrize("line, status", [("exit 0", 0), ("exit 1", 1), ("exit 77", 1),
                                          ("kill -9 $$", 1)])
def test_status_is_made_from_the_commands(wrapped, line, status):
    assert wrapped("sh", "-c", line).status == status


@pytest.mark.parametrize("program, why", [("panne-has-no-such-program", "No such file"),
                                          ("/etc/passwd", "Permission denied")])
def test_command_that_cannot_be_started_is_a_broken_run(wrapped, program, why):
    proxy = wrapped(program)
    assert proxy.status == 3
    assert program in proxy.stderr and why in proxy.stderr


def test_signal_is_passed_on_and_waited_for(panne):
    proxy = panne("run", "calm", "--", "sh", "-c",
                  "trap 'echo told; exit 0' TERM; echo started; while :; do sleep 0.05; done")
    wait_until(lambda: "started" in proxy.stdout, what="the command runs")
    proxy.stop(signal.SIGTERM)
    assert "told" in proxy.stdout


def test_interrupt_on_a_terminal_arrives_once(environment, tmp_path):
    """The terminal gives it to COMMAND, too; a second one would look like impatience."""
    line = "trap 'echo told' INT; echo started; for i in 1 2 3 4 5 6; do sleep 0.1; done; echo over"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execve(BINARY, [BINARY, "run", "calm", "--", "sh", "-c", line], environment)
    said = bytearray()
    try:
        while chunk := os.read(terminal, 4096):
            if b"started" not in said and b"started" in said + chunk:
                os.write(terminal, b"\x03")
            said += chunk
    except OSError:
        pass  # how the end of a terminal looks
    os.waitpid(pid, 0)
    os.close(terminal)
    assert said.count(b"told") == 1 and b"over" in said, said.decode()


def test_no_proxy_of_the_user_hides_nothing(wrapped, nginx):
    """What the user's own proxy is not to see still comes through us."""
    proxy = wrapped("curl", "-sS", "--fail", nginx.https_url + "/hello",
                    env={"NO_PROXY": "localhost", "no_proxy": "localhost"})
    assert proxy.status == 0, proxy.stderr
    assert len(requests_in(proxy)) == 1


def test_no_proxy_is_kept_when_asked_for(wrapped):
    proxy = wrapped("sh", "-c", 'echo "[$NO_PROXY|$no_proxy]"', options=["--no-proxy", "keep"],
                    env={"NO_PROXY": "a.test"})
    assert "[a.test|]" in proxy.stdout
