"""Fixtures of the end-to-end tests. Everything happens on loopback and in temporary directories."""
import os
import pathlib
import signal
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import origins  # noqa: E402
import panne as helper  # noqa: E402
import ways  # noqa: E402
import wire  # noqa: E402


TEST_TIME, LONG_TEST_TIME = 120, 1800

# Neither a proxy nor a trust store of the user's may come between a test and loopback.
for name in list(os.environ):
    if name.lower().endswith("_proxy") or name in (
            "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
            "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "NODE_OPTIONS"):
        del os.environ[name]


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes minutes; run by `make test-long`")
    config.addinivalue_line("markers", "waits(seconds): may take so long, for what runs beside it")
    config.addinivalue_line("markers", "workers: has several workers; run with TSan by `make test-long`")


@pytest.fixture(autouse=True)
def limited(request):
    """A test that hangs fails, and says where it hung."""
    waits = request.node.get_closest_marker("waits")
    limit = (LONG_TEST_TIME if request.node.get_closest_marker("long") else
             waits.args[0] if waits else TEST_TIME)

    def late(number, frame):
        raise TimeoutError(f"the test did not end within {limit} s")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(limit)
    yield
    signal.alarm(0)


@pytest.fixture(scope="session")
def data_home(tmp_path_factory):
    """XDG_DATA_HOME of all runs: panne's own authority is made once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def environment(tmp_path, data_home):
    """The environment of panne and of clients; a test may add to it."""
    home = tmp_path / "home"
    home.mkdir()
    return helper.environment(home, data_home)


@pytest.fixture
def panne(tmp_path, environment):
    """Start panne: panne("run", …) returns a panne.Panne that listens. ready=False: do not wait."""
    started = []

    def start(*arguments, ready=True, env=None, program=(helper.BINARY,)):
        proxy = helper.Panne(arguments, tmp_path, {**environment, **(env or {})}, program)
        started.append(proxy)
        return proxy.start(wait=ready)

    yield start
    problems = []
    for proxy in reversed(started):
        try:
            proxy.finish()
        except AssertionError as problem:
            problems.append(str(problem))
    assert not problems, "\n".join(problems)


@pytest.fixture
def command(tmp_path, environment):
    """Run a command of panne that ends by itself: command("check", "x.yaml").returncode."""
    def run(*arguments, env=None, **options):
        return helper.once(*arguments, env={**environment, **(env or {})}, cwd=tmp_path, **options)
    return run


@pytest.fixture(scope="session")
def ca(data_home, tmp_path_factory):
    """panne's own authority as a PEM file, for clients to trust."""
    home = tmp_path_factory.mktemp("ca")
    env = helper.environment(home, data_home)
    # There already is fine: a run may have made it.
    helper.once("ca", "init", env=env, cwd=home)
    exported = helper.once("ca", "export", env=env, cwd=home)
    assert exported.returncode == 0, exported.stderr
    path = home / "panne-ca.pem"
    path.write_text(exported.stdout)
    return path


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """The authority of the origins' certificates: for --upstream-ca."""
    return origins.Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def nginx(tmp_path_factory, authority):
    """nginx as an origin; one for all tests. See origins.Nginx."""
    server = origins.Nginx(tmp_path_factory.mktemp("nginx"), authority)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def origin():
    """A scripted origin: origin([actions…]) returns an origins.RawOrigin that listens."""
    opened = []

    def start(*scripts, tls=None):
        server = origins.RawOrigin(*scripts, tls=tls)
        opened.append(server)
        return server.__enter__()

    yield start
    for server in opened:
        server.__exit__()


@pytest.fixture
def way(panne, ca, authority, origin):
    """panne before one origin: way("tls", [actions…]) is a ways.Way. With `port`, the origin is one
    that listens already, and speaks TLS unless the way is plain."""
    def build(kind, *scripts, port=None, scenario=ways.CALM, options=(), env=None):
        server = None
        if port is None:
            server = origin(*scripts, tls=None if kind == "plain" else authority.context())
            port = server.port
        made = ways.Way(kind, panne, ca, authority, port, scenario, options, env)
        made.origin = server
        return made
    return build


@pytest.fixture
def scenario(tmp_path):
    """Write a scenario: scenario(text) returns its path."""
    def write(text, name="scenario.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path
    return write


@pytest.fixture(scope="session")
def clients():
    """The directory with the JavaScript clients' packages: run node with it as cwd."""
    folder = helper.ROOT / "tests" / "clients"
    if not (folder / "node_modules").is_dir():
        subprocess.run([str(helper.ROOT / "scripts" / "install-deps"), "test"], check=True)
    return folder


@pytest.fixture
def faults(scenario):
    """A scenario of one phase without an end, with these rules."""
    def write(*rules, seed=7):
        lines = "\n".join(f"      - {{service: any, {rule}}}" for rule in rules)
        return scenario(f"panne: 1\nseed: {seed}\nservices: {{any: {{match: {{}}}}}}\n"
                        f"phases:\n  - name: bad\n    faults:\n{lines}\n")
    return write


@pytest.fixture
def tunnel(panne, origin, faults):
    """A client in a tunnel to a scripted origin: tunnel(script, rule…) gives it, panne and the origin."""
    opened = []

    def build(script, *rules):
        server = origin(script)
        proxy = panne("run", faults(*rules), "--forward", "127.0.0.1:0", "--passthrough", "127.0.0.1")
        client = wire.connect(proxy.url(), f"127.0.0.1:{server.port}")
        opened.append(client)
        return client, proxy, server
    yield build
    for client in opened:
        client.close()
