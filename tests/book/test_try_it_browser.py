"""The page "Try it" in a real browser, from disk; the data behind it is that of test_try_it.py."""

import numpy as np
import pytest

from tests.book.test_book_browser import PHONE, listen
from tests.book.test_try_it import assert_the_page_says_the_same
from tests.use.test_recordings import FORMS, XYZ, walking

pytestmark = pytest.mark.long


@pytest.fixture
def page(try_it_page, browser):
    """The page from disk; at the end there was no complaint and no request."""
    window = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    page = window.new_page()
    complaints = listen(page)
    page.goto((try_it_page[0] / "try_it.html").as_uri())
    yield page
    window.close()
    assert complaints == []


def give(page, text: str) -> str:
    """Choose a file with this text; what the page says of it."""
    page.evaluate("$('loaded').textContent = ''")
    page.set_input_files(
        "#file", {"name": "walk.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.wait_for_function("$('loaded').textContent")
    return page.inner_text("#loaded")


def test_every_window_has_the_scores_of_numpy(page, try_it_page):
    networks, windows = (try_it_page[1][name] for name in ("networks", "windows"))
    assert_the_page_says_the_same(page, networks, windows)
    assert_the_page_says_the_same(page, networks, windows[:6], off=[3, 51])


def test_play_shows_the_answer_and_then_what_is_right(page):
    assert page.inner_text("#truth") == "The right answer is shown at the end."
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_function("seen === found.states.length", timeout=8000)
    assert page.inner_text("#clock") == "3.00 s"
    assert page.inner_text("#truth").startswith("Right is jogging.")
    said = page.evaluate("classes[best(found.scores.at(-1))]")
    assert page.inner_text("#answer") == f"It says {said}."
    assert f"{said}, " in page.inner_text("[role=status]")
    shares = page.evaluate("""[...document.querySelectorAll('#scores .bar')]
        .map(bar => bar.offsetWidth / bar.parentElement.clientWidth)""")
    assert shares == pytest.approx(page.evaluate("found.scores.at(-1)"), abs=0.05)


CHANGES = {
    "x": "45", "y": "45", "z": "45", "gain": "2", "noise": "0.5", "speed": "0.5", "item": "3",
    "group": "2",
}  # fmt: skip


@pytest.mark.parametrize("network", ["published", "corrected"])
def test_every_control_changes_the_scores_within_50_ms(page, network):
    page.locator("#seen").press("End")
    page.get_by_label(network, exact=True).check()
    assert page.inner_text("#clock") == "3.00 s"  # whole, whatever the steps of the network
    shown = "JSON.stringify([found.scores.at(-1), [...$('scores').rows].map(r => r.innerText)])"
    seen = {page.evaluate(shown)}
    for count, (control, value) in enumerate(CHANGES.items(), start=2):
        field = page.locator(f"#{control}")
        (field.select_option if control in ("item", "group") else field.fill)(value)
        seen.add(page.evaluate(shown))
        assert len(seen) == count, control
    took = page.evaluate("""() => Array.from({length: 15}, () => {
        const begun = performance.now(); compute(); return performance.now() - begun; })""")
    assert np.median(took) < 50
    page.get_by_role("button", name="All as it was").click()
    page.wait_for_function("$('gain').nextElementSibling.textContent === '1 ×'")
    assert page.evaluate("signal.flat()") == pytest.approx(page.evaluate("item.samples.flat()"))


def test_a_turn_keeps_lengths_and_noise_is_as_large_as_said(page):
    for knob, degrees in zip("xyz", (10, 20, 30), strict=True):
        page.locator(f"#{knob}").fill(str(degrees))
    page.locator("#gain").fill("2")
    here, before = np.array(page.evaluate("signal")), np.array(page.evaluate("item.samples"))
    np.testing.assert_allclose(*(np.linalg.norm(x, axis=1) for x in (here, 2 * before)))
    page.locator("#noise").fill("0.5")
    noise = np.array(page.evaluate("signal")) - here
    assert abs(noise.mean()) < 0.1 and noise.std() == pytest.approx(0.5, abs=0.1)


def test_units_are_switched_off_by_click_and_by_keyboard(page):
    page.locator("#seen").press("End")
    before = page.evaluate("found.scores.at(-1)")
    units = page.get_by_role("switch")
    units.nth(4).click()
    units.nth(0).focus()
    for key in ("ArrowDown", "ArrowRight", "Space"):
        page.keyboard.press(key)
    assert page.evaluate("[...off]") == [4, 11]
    assert page.evaluate("found.scores.at(-1)") != before
    page.get_by_role("button", name="All as it was").click()
    page.wait_for_function("off.size === 0 && !document.querySelector('.unit[aria-checked=false]')")
    assert page.evaluate("found.scores.at(-1)") == before


def test_both_maps_say_what_each_window_is_taken_for(page):
    page.wait_for_function("$('sum-1').textContent", timeout=15_000)
    assert page.locator("#maps button").count() == 96
    assert " of 48 right; most often " in page.inner_text("#sum-0")
    page.locator("#maps button").nth(48 + 17).click()
    assert page.evaluate("[network, $('group').value, $('item').value, seen]") == [1, "2", "1", 50]


WALK, OTHER_SEPARATORS = walking(100, 7), {"sep": ";", "decimal": ","}
PLAIN = WALK.to_csv(index=False)
PHYPHOX = FORMS["phyphox"](WALK).to_csv(index=False)
#: A recording of 7 s in g as a file, and what is said of it.
RECORDED = {
    "phyphox": (PHYPHOX, "7.0 s at 100 Hz, time in s, acceleration in m/s²"),
    "decimal comma": (FORMS["phyphox"](WALK).to_csv(index=False, **OTHER_SEPARATORS), "in m/s²"),
    "Sensor Logger": (FORMS["sensor_logger"](WALK).to_csv(index=False), "in m/s²"),
    "MotionSense": (FORMS["motionsense"](walking(50, 7)).to_csv(), "at 50 Hz, "),
    "plain": (PLAIN, "acceleration in g"),
    "milliseconds": (WALK.assign(t=1e3 * WALK["t"]).to_csv(index=False, sep="\t"), "time in ms"),
}


@pytest.mark.parametrize("form", RECORDED)
def test_a_recording_of_each_form_becomes_the_same_windows(page, form):
    text, words = RECORDED[form]
    said = give(page, text)
    assert words in said and "2 windows" in said and said.startswith("walk.csv: ")
    here = np.array(page.evaluate("given(groups[shipped].items[1])"))
    np.testing.assert_allclose(here, walking(50, 7)[XYZ][150:300], atol=2e-3)
    assert page.inner_text("#truth") == "What is right, only you know."
    page.wait_for_function("$('counts').textContent.match(/\\d/g).reduce((a, b) => +a + +b) == 2")
    page.evaluate(
        """text => { const data = new DataTransfer();
        data.items.add(new File([text], "dropped.csv"));
        $("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true})); }""",
        text,
    )
    page.wait_for_function("$('loaded').textContent.startsWith('dropped.csv: 7.0 s')")
    assert page.locator("#group option").all_inner_texts()[6:] == ["dropped.csv"]


def test_what_the_rate_cannot_hold_does_not_come_back_slower(page):
    sampled = """f => { const s = Array.from({length: 2000}, (_, i) => i / 400);
        const rows = s.map(t => [Math.sin(2 * Math.PI * f * t), 0, 1]);
        return resample(s, rows, 50).slice(20, -20); }"""
    for hertz, low, high in ((5, 0.98, 1.02), (30, 0, 0.02), (45, 0, 0.02), (95, 0, 0.02)):
        x, _, z = np.array(page.evaluate(sampled, hertz)).T
        assert low <= x.std() * np.sqrt(2) <= high
        np.testing.assert_allclose(z, 1)


REFUSED = {
    "\0\1PK": "it is not a table; allowed is a CSV file with a header",
    "": "it is not a table",
    "hello\nworld": "line 1 is not that of a table",
    "0,1,2,3\n1,1,2,3": "line 1 is no header",
    "t,x,y\n0,1,2": 'line 1 names "t", "x", "y": no column for z; allowed are a time and x, y, z',
    "x,y,z\n0,1,2": "no column for time",
    "t,x,y,z\n": "it has no samples; allowed is a table with some",
    PHYPHOX.replace("Acc", "Linear acc"): "acceleration without gravity; allowed is acceleration",
    PHYPHOX.replace("Acceleration", "Gyroscope"): "no column for x; allowed",
    PLAIN.replace("0.02,", "0.02,abc", 1): 'line 4: "x" is "abc0.',
    PLAIN.replace("\n0.02,", "\n0.02,NaN,", 1): 'line 4: "x" is "NaN"; allowed is a number',
    PLAIN.replace("\n0.02,", "\n0.01,", 1): "line 4: time 0.01 does not come after 0.01; allowed",
    PLAIN.replace("\n0.02,", "\n-2,", 1): "line 4: time -2 does not come after 0.01",
    WALK[:290].to_csv(index=False): "it lasts 2.9 s; allowed are 3 s or more",
    WALK.assign(t=WALK["t"] + 5 * (WALK["t"] > 3)).to_csv(index=False): "5.0 s without a sample",
    WALK[::10].to_csv(index=False): "10.0 samples a second; allowed",
    WALK.assign(y=WALK["y"] - 0.97).to_csv(index=False): "without gravity, or another sensor",
    WALK.mul([1, 50, 50, 50]).to_csv(index=False): "another unit, or another sensor; allowed",
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_used_is_refused_in_one_line(page, text):
    said = give(page, text)
    assert said.startswith("walk.csv cannot be used: ") and REFUSED[text] in said
    assert "allowed" in said and "\n" not in said and len(said) < 300
    assert page.evaluate("groups.length === shipped") and not page.is_visible("#thought")


def test_what_is_too_large_is_not_read_and_what_is_too_long_is_refused(page):
    page.evaluate("load('big.csv', () => readFile({size: 1e10}))")
    assert "it has 10000 MB; allowed are at most 64 MB" in page.inner_text("#loaded")
    page.evaluate("""load('long.csv', () => ({rows: [[0, 1, 0], [0, 1, 0]], lines: [2, 3, 4],
        times: Array.from({length: 2000001}, (_, i) => i * 0.05)}))""")
    assert "it lasts 27.8 h; allowed are at most 24 h" in page.inner_text("#loaded")


def test_a_phone_can_use_its_own_sensor(try_it_page, browser):
    window = browser.new_context(has_touch=True, is_mobile=True, viewport=PHONE)
    page = window.new_page()
    files = "https://book.example/"
    page.route(
        f"{files}**",
        lambda route: route.fulfill(path=try_it_page[0] / route.request.url[len(files) :]),
    )
    page.goto(files + "try_it.html")
    page.get_by_role("button", name="Use this phone's own sensor").click()
    page.evaluate("""() => { window.shaken = setInterval(() => dispatchEvent(new DeviceMotionEvent(
        "devicemotion", {accelerationIncludingGravity: {x: 0, y: -9.8, z: 0.5}})), 15); }""")
    page.wait_for_function("$('loaded').textContent === 'Recording: 4 s'")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function("$('loaded').textContent.startsWith('This phone: ')")
    assert "turned over" in page.inner_text("#loaded")
    sample = page.evaluate("given(item)[75]")
    assert sample == pytest.approx([0, 9.8 / 9.80665, -0.5 / 9.80665])
    window.close()
