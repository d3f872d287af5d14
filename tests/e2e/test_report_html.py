"""The page that a verdict is looked at on: in a browser, under the policies that it meets, and to a
validator's eye."""
import base64
import contextlib
import hashlib
import html.parser
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

import pytest

import chromium
import made_log

# What Jenkins sends with the artifacts of a build: no script, and no style that is not a file.
JENKINS = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'"
SIZES = {"ten": 10, "some": 300, "many": 20_000}
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def pages(tmp_path_factory, data_home):
    """A folder with a page of each size: ten.html and so on."""
    import panne as helper

    folder = tmp_path_factory.mktemp("pages")
    for name, requests in SIZES.items():
        made_log.write(folder / f"{name}.ndjson", requests)
        done = helper.once("report", folder / f"{name}.ndjson", "--report", f"html:{folder / name}.html",
                           env=helper.environment(folder, data_home), cwd=folder)
        assert done.returncode in (0, 1, 4), done.stderr
    return folder


@pytest.fixture(scope="module")
def browser():
    if not chromium.FOUND:
        pytest.skip("there is no Chromium here")
    with chromium.Browser() as started:
        yield started


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


@contextlib.contextmanager
def shown(browser, pages, name, policy=None, **how):
    with chromium.Site(pages, policy) as site:
        page = browser.page(**how)
        page.open(f"{site.url}/{name}.html")
        yield page


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag

    def values(self, name):
        return [attributes[name] for _, attributes in self.tags if name in attributes]


def test_the_page_loads_nothing_and_runs_nothing(pages, size):
    text = (pages / f"{size}.html").read_text()
    tags = Tags(text)
    assert not {tag for tag, _ in tags.tags} & {"script", "link", "img", "iframe", "object", "embed", "base",
                                                "form", "image", "use", "foreignobject"}
    assert not [name for _, attributes in tags.tags for name in attributes
                if name.startswith("on") or name in ("src", "srcset", "style", "xlink:href")]
    assert all(tag == "a" for tag, attributes in tags.tags if "href" in attributes)
    assert all(address.startswith(("#", "https://")) for address in tags.values("href"))
    assert set(re.findall(r"url\(([^)]*)\)", text)) <= {"#hatch-failed", "#hatch-final"}
    assert "@import" not in text


def test_what_is_pointed_at_is_there_once(pages, size):
    tags = Tags((pages / f"{size}.html").read_text())
    ids = tags.values("id")
    assert len(ids) == len(set(ids))
    assert {address[1:] for address in tags.values("href") if address.startswith("#")} <= set(ids)
    assert {name for names in tags.values("aria-labelledby") for name in names.split()} <= set(ids)


def test_its_own_policy_names_its_style_and_nothing_else(pages):
    text = (pages / "ten.html").read_text()
    style = re.search("<style>(.*?)</style>", text, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_pictures_are_well_formed_and_say_what_they_are(pages, size):
    pictures = re.findall("<svg .*?</svg>", (pages / f"{size}.html").read_text(), re.S)
    roots = [xml.etree.ElementTree.fromstring(picture) for picture in pictures]
    space = "{http://www.w3.org/2000/svg}"
    told = [root for root in roots if root.get("aria-hidden") != "true"]
    assert len(told) == len(roots) - 1  # the hatches are no picture
    assert all(root.find(space + "title").text and root.find(space + "desc").text for root in told)
    # Some colors are given, the others are the page's.
    assert not [element for root in roots for element in root.iter() if element.get("class")]


def test_a_validator_finds_nothing(pages, clients):
    if not shutil.which("java"):
        pytest.skip("there is no Java to run the validator")
    done = subprocess.run(["java", "-Xss4m", "-jar", clients / "node_modules/vnu-jar/build/dist/vnu.jar",
                           "--errors-only", "--format", "gnu", pages / "ten.html", pages / "some.html"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_small_and_says_that_it_shows_a_sample(pages):
    few, many = ((pages / f"{name}.html").read_text() for name in ("ten", "many"))
    assert len(few) < MEBIBYTE / 10 and len(many) < MEBIBYTE
    assert "All exchanges: 10." in few
    assert "A sample: 2,000 of 20,000 exchanges" in many
    assert "Made up &lt;requests&gt; &amp; &quot;retries&quot;" in many


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_shows_it_without_complaint(browser, pages, size, width, dark):
    with shown(browser, pages, size, width=width, dark=dark) as page:
        assert page.complaints == []
        assert [url for url in page.requests if not url.endswith(f"/{size}.html")] == []
        assert page.value("document.documentElement.scrollWidth") == width
        light, = page.value("getComputedStyle(document.body).backgroundColor.match(/\\d+/).map(Number)")
        assert (light < 64) == dark
        # It is the wide parts that scroll, each for itself.
        assert page.value("[...document.querySelectorAll('svg,table')].every("
                          "e => e.closest('.wide,.panels') || e.getAttribute('aria-hidden'))")


@pytest.mark.parametrize("width", [1280, 390])
def test_it_reads_where_styles_and_scripts_are_blocked(browser, pages, size, width):
    with shown(browser, pages, size, JENKINS, width=width) as page:
        assert [words for words in page.complaints if "inline style" not in words] == []
        text = page.value("document.body.innerText")
        plain = (pages / f"{size}.html").read_text()
        titles = re.findall('aria-level="3">([^<]*)</b> <code>', plain)
        assert len(titles) > 20 and all(title in text for title in titles)
        for heading in ("Findings", "Timeline", "Gaps before retries", "Clients", "Phases and services"):
            assert f"\n{heading}\n" in text
        # What chooses rows by styles alone does not show.
        assert page.value("getComputedStyle(document.querySelector('.choice')).display") == "none"
        # The timeline has its colors and its size.
        assert page.value("document.querySelector('#timeline svg').getBoundingClientRect().width") > width * .8
        fill = "getComputedStyle(document.querySelector('#timeline svg g[fill=\"#3d8bd4\"] rect')).fill"
        assert page.value(fill) == "rgb(61, 139, 212)"


def test_the_list_can_be_narrowed_to_a_phase(browser, pages):
    rows = "[...document.querySelectorAll('.sample tbody tr')].filter(row => row.offsetParent)"
    with shown(browser, pages, "many") as page:
        page.value("document.querySelectorAll('.sample').forEach(each => each.open = true)")
        assert page.value(f"{rows}.length") == 2000
        page.value("document.getElementById('p2').click()")
        assert page.value(f"[...new Set({rows}.map(row => row.cells[2].textContent))]") == ["outage"]
        assert 0 < page.value(f"{rows}.length") < 2000


def test_live_and_from_the_log_it_is_the_same(panne, command, scenario, tmp_path):
    """A client that asks four times, while everything fails."""
    ask = ("import os, urllib.request, urllib.error\n"
           "for _ in range(4):\n"
           "    try: urllib.request.urlopen(os.environ['PANNE_URL'] + '/api/x', timeout=10)\n"
           "    except urllib.error.HTTPError: pass\n")
    path = scenario("panne: 1\ntitle: Down\nservices: {api: {match: {}}}\n"
                    "phases: [{name: down, lasts: 1m, faults: [error: 503]}]\n")
    live, again = tmp_path / "live.html", tmp_path / "again.html"
    proxy = panne("run", path, "--listen", "http://127.0.0.1:0", "--upstream", "embedded",
                  "--report", f"html:{live}", "--", sys.executable, "-c", ask)
    proxy.wait()
    command("report", proxy.log_file, "--report", f"html:{again}")
    assert "4 attempts" in live.read_text()
    assert live.read_bytes() == again.read_bytes()


@pytest.mark.long
def test_a_million_requests(browser, tmp_path, data_home):
    import panne as helper

    made_log.write(tmp_path / "million.ndjson", 1_000_000)
    done = helper.once("report", tmp_path / "million.ndjson", "--report", f"html:{tmp_path / 'million'}.html",
                       env=helper.environment(tmp_path, data_home), cwd=tmp_path, within=300)
    assert done.returncode in (0, 1), done.stderr
    assert (tmp_path / "million.html").stat().st_size < 2 * MEBIBYTE
    with shown(browser, tmp_path, "million", width=390) as page:
        assert page.complaints == []
        assert page.value("document.documentElement.scrollWidth") == 390
        assert "2,000 of 1,000,000 exchanges" in page.value("document.body.innerText")
