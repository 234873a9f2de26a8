"""Charts: what is drawn is what was given, in the reader's direction and theme, and the drawing harms no page."""

import json
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest

from scoring.charts import (
    ChangeSplit,
    ChartError,
    EmptyChartError,
    FactorBars,
    ForkedError,
    IndexInterval,
    Look,
    SplitPart,
    Texts,
    TierName,
    UnitRank,
    UnitTiers,
    WeightInterval,
    change_split,
    rank_intervals,
    render,
    sensitivity_bars,
    tier_shares,
    weight_intervals,
)
from scoring.charts import svg as rendering
from scoring.charts.look import TOKENS, blended, contrast
from scoring.charts.words import plain, width, wrapped

SVG = "{http://www.w3.org/2000/svg}"
ISOLATES = re.compile("[\u2066-\u2069]")
TEXTS = Texts(
    title="Doha leads the field",
    subtitle="Rank, 5th to 95th percentile",
    source="Source: edition 2026, release 1",
    description="Doha is first of two cities.",
)
ARABIC = Texts(
    title="الدوحة في الصدارة",
    subtitle="المرتبة من 1 إلى 2",
    source="المصدر: إصدار 2026",
    description="الدوحة هي الأولى.",
)
HOSTILE = "<script>alert(1)</script> \"quoted\" 'too' & \u202eturned\x00\x1b 7"
TIERS = tuple(TierName(f"Tier {number}", str(number)) for number in range(1, 5))


def whole(number):
    return f"{number:,.0f}"


def points(number):
    return f"{number:.1f}"


def share(number):
    return f"{number * 100:.0f}\u00a0%"


def ranks(names=("Doha", "Lima"), **look):
    units = [
        UnitRank(
            name=name,
            rank=position + 1,
            median=position + 1.5,
            low=position + 1,
            high=position + 4,
            is_focus=position == 1,
        )
        for position, name in enumerate(names)
    ]
    return rank_intervals(units, figure=whole, texts=TEXTS, look=Look(**look))


def weights(names=("Water", "Broadband"), **look):
    rows = [
        WeightInterval(name=name, node=f"Pillar {position}", weight=0.4, low=0.3, high=0.55, is_focus=position == 0)
        for position, name in enumerate(names)
    ]
    return weight_intervals(rows, figure=points, tick=points, texts=TEXTS, look=Look(**look))


def tiers(names=("Doha", "Lima"), **look):
    rows = [
        UnitTiers(name=name, shares=(0.25, 0.5, 0.0, 0.25), is_focus=position == 0)
        for position, name in enumerate(names)
    ]
    return tier_shares(rows, tiers=TIERS, figure=share, texts=TEXTS, look=Look(**look))


def change(names=("Air", "Weights"), **look):
    parts = tuple(SplitPart(name, 2.5 if position == 0 else -1.0) for position, name in enumerate(names))
    end = 60 + sum(part.value for part in parts)
    split = ChangeSplit(start_name="Score in 2025", start=60.0, parts=parts, end_name="Score in 2026", end=end)
    return change_split(split, figure=points, texts=TEXTS, look=Look(**look))


def sensitivity(names=("Panel", "Scale"), **look):
    factors = [
        FactorBars(name=name, first=IndexInterval(0.3, 0.2, 0.4), total=IndexInterval(0.5, 0.45, 0.6)) for name in names
    ]
    return sensitivity_bars(
        factors,
        first_name="on its own",
        total_name="with others",
        figure=share,
        texts=TEXTS,
        look=Look(**look),
    )


CHARTS = {"ranks": ranks, "weights": weights, "tiers": tiers, "change": change, "sensitivity": sensitivity}


@pytest.fixture(params=CHARTS)
def draw(request):
    return CHARTS[request.param]


def texts_of(svg):
    found = ["".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")]
    return [ISOLATES.sub("", text) for text in found]


def place_of(svg, text):
    """Return where a text is anchored: its x on the whole drawing, and which side of it stands there."""

    def found(node, x):
        x += float(re.search(r"translate\(([-\d.]+)", node.get("transform", "translate(0)"))[1])
        if node.tag == f"{SVG}text" and ISOLATES.sub("", "".join(node.itertext())) == text:
            return x, node.get("text-anchor", "start")
        return next((place for child in node if (place := found(child, x))), None)

    return found(ET.fromstring(svg), 0)


def marks_of(spec, style):
    return [layer for layer in spec["layer"] if layer["mark"]["style"] == style]


def shapes_of(svg, tag, **attributes):
    return [
        node
        for node in ET.fromstring(svg).iter(f"{SVG}{tag}")
        if all(node.get(name.replace("_", "-")) == wanted for name, wanted in attributes.items())
    ]


def colours_of(svg):
    return set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) - {"none", "transparent"}


# --- what is drawn ------------------------------------------------------------------------------------------------------


def test_every_chart_says_its_finding_measure_and_source(draw):
    spec = draw()

    svg = render(spec)

    assert {TEXTS.title, TEXTS.subtitle, TEXTS.source} <= set(texts_of(svg))
    root = ET.fromstring(svg)
    assert (root.get("role"), root.get("aria-label")) == ("img", TEXTS.description)
    assert spec["description"] == TEXTS.description


def test_ranks_keep_their_numbers_and_put_bar_and_dot_on_them():
    spec = ranks()
    svg = render(spec)
    accent = TOKENS.palettes["light"].accent

    rows = [{key: value for key, value in row.items() if key != "y"} for row in spec["data"]["values"]]
    (bar,) = shapes_of(svg, "line", stroke=accent, stroke_linecap="round")
    scale = marks_of(spec, "dot")[0]["encoding"]["x"]["scale"]
    left, right = scale["range"]

    assert rows == [
        {"name": "Doha", "rank": 1, "median": 1.5, "low": 1, "high": 4, "is_focus": False},
        {"name": "Lima", "rank": 2, "median": 2.5, "low": 2, "high": 5, "is_focus": True},
    ]
    assert scale["domain"] == [1, 5]
    assert float(bar.get("x2")) == pytest.approx((right - left) * 3 / 4, abs=0.1)
    assert {"1", "Doha", "2", "Lima"} <= set(texts_of(svg))


def test_a_unit_without_interval_is_a_dot_alone():
    alone = rank_intervals([UnitRank(name="Doha", rank=1)], figure=whole, texts=TEXTS, look=Look())

    svg = render(alone)

    assert shapes_of(svg, "line", stroke_linecap="round") == []
    assert len(shapes_of(svg, "path", fill=TOKENS.palettes["light"].ink)) == 1


def test_weights_stand_under_their_nodes_from_zero():
    rows = [
        WeightInterval(name="Water", node="City", weight=0.6, low=0.5, high=0.7),
        WeightInterval(name="Air", node="Nature", weight=1.0),
        WeightInterval(name="Roads", node="City", weight=0.4, low=0.3, high=0.5),
    ]

    spec = weight_intervals(rows, figure=points, tick=points, texts=TEXTS, look=Look())

    assert [row["name"] for row in spec["data"]["values"]] == ["Water", "Roads", "Air"]
    assert marks_of(spec, "dot")[0]["encoding"]["x"]["scale"]["domain"] == [0, 1]
    heads = [row["text"] for row in marks_of(spec, "name-strong")[0]["data"]["values"]]
    assert heads == ["City", "Nature"]
    assert {"City", "Nature", "Water", "Roads", "Air", "0.6", "0.4", "1.0"} <= set(texts_of(render(spec)))


def test_tiers_fill_a_bar_each_and_name_the_likeliest():
    spec = tiers()
    svg = render(spec)

    parts = [
        (row["tier"], row["share"], row["from"], row["to"]) for row in spec["data"]["values"] if row["name"] == "Doha"
    ]

    assert parts == [(1, 0.25, 0.0, 0.25), (2, 0.5, 0.25, 0.75), (4, 0.25, 0.75, 1.0)]
    assert texts_of(svg).count("Tier 2 · 50\u00a0%") == 2
    assert [texts_of(svg).count(number) for number in "1234"] == [2, 2, 0, 2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7])
def test_any_number_of_tiers_is_told_apart_without_colour(count, theme):
    names = tuple(TierName(f"Tier {number}", str(number)) for number in range(1, count + 1))
    look = Look(theme=theme)

    spec = tier_shares(
        [UnitTiers(name="Doha", shares=(1 / count,) * count)],
        tiers=names,
        figure=share,
        texts=TEXTS,
        look=look,
    )

    styles = spec["config"]["style"]
    fills = [styles[f"tier-{number}"] for number in range(1, count + 1)]
    seen = [blended(fill["color"], look.behind, fill["fillOpacity"]) for fill in fills]
    assert len(set(seen)) == count
    assert all(contrast(fill["stroke"], look.behind) >= 3 for fill in fills)
    letters = [styles[f"in-tier-{number}"]["color"] for number in range(1, count + 1)]
    assert min(map(contrast, letters, seen)) >= 4.5
    assert {tier.short for tier in names} <= set(texts_of(render(spec)))


def test_change_runs_from_start_to_end_with_signs_and_two_colours():
    spec = change()
    svg = render(spec)
    palette = TOKENS.palettes["light"]

    parts = [(row["kind"], row.get("from"), row["to"]) for row in spec["data"]["values"]]
    (gain,), (loss,) = shapes_of(svg, "path", fill=palette.accent), shapes_of(svg, "path", fill=palette.loss)
    lengths = [float(re.search(r"h([\d.]+)", bar.get("d"))[1]) for bar in (gain, loss)]

    assert parts == [("start", None, 60.0), ("gain", 60.0, 62.5), ("loss", 62.5, 61.5), ("end", None, 61.5)]
    assert lengths[0] / lengths[1] == pytest.approx(2.5, rel=0.01)
    assert {"Score in 2025", "60.0", "+2.5", "-1.0", "Score in 2026", "61.5"} <= set(texts_of(svg))


def test_a_gain_of_places_makes_the_rank_smaller_and_points_right():
    split = ChangeSplit(
        start_name="2025",
        start=9,
        parts=(SplitPart("Data", 3), SplitPart("Nothing", 0)),
        end_name="2026",
        end=6,
        is_rank=True,
    )

    spec = change_split(split, figure=whole, texts=TEXTS, look=Look())

    scale = marks_of(spec, "gain")[0]["encoding"]["x"]["scale"]
    assert scale["domain"] == [6, 9]
    assert scale["range"][0] > scale["range"][1]
    assert {"+3", "0"} <= set(texts_of(render(spec)))


def test_sensitivity_has_a_bar_from_zero_and_whiskers_for_each_order():
    spec = sensitivity()
    svg = render(spec)

    rows = [(row["factor"], row["order"], row["value"], row["low"], row["high"]) for row in spec["data"]["values"]]

    assert rows[:2] == [("Panel", "first", 0.3, 0.2, 0.4), ("Panel", "total", 0.5, 0.45, 0.6)]
    bars = shapes_of(svg, "path", fill=TOKENS.palettes["light"].accent)
    left, right = marks_of(spec, "bar")[0]["encoding"]["x"]["scale"]["range"]
    assert [float(re.search(r"h([\d.]+)", bar.get("d"))[1]) for bar in bars] == pytest.approx(
        [(right - left) / 2] * 2,
        abs=0.1,
    )
    assert texts_of(svg).count("on its own") == texts_of(svg).count("with others") == 2


def test_an_index_below_zero_stays_on_the_drawing():
    below = [FactorBars(name="Panel", first=IndexInterval(-0.02, -0.06, 0.02), total=IndexInterval(0.1))]

    spec = sensitivity_bars(
        below,
        first_name="on its own",
        total_name="with others",
        figure=share,
        texts=TEXTS,
        look=Look(),
    )

    assert marks_of(spec, "bar")[0]["encoding"]["x"]["scale"]["domain"] == [-0.06, 0.1]
    whiskers = shapes_of(render(spec), "line", stroke=TOKENS.palettes["light"].ink)
    assert len(whiskers) == 1  # the index without an interval has none


def test_figures_under_an_axis_neither_touch_nor_repeat():
    rows = [WeightInterval(name="Water", node="City", weight=0.004, low=0.001, high=0.03)]

    for look in (Look(width=320), Look(width=720)):
        spec = weight_intervals(rows, figure=share, tick=share, texts=TEXTS, look=look)
        (layer,) = marks_of(spec, "axis-figure")
        printed = [row["text"] for row in layer["data"]["values"]]
        assert len(printed) == len(set(printed)) >= 2


# --- for whom it is drawn -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 720])
@pytest.mark.parametrize(("direction", "side"), [("ltr", "start"), ("rtl", "end")])
def test_titles_names_and_source_stand_where_reading_starts(draw, direction, side, width):
    names = ("Alpha", "Beta")

    svg = render(draw(names, direction=direction, width=width))

    for text in (TEXTS.title, TEXTS.subtitle, TEXTS.source, "Beta"):
        x, anchor = place_of(svg, text)
        assert anchor == side
        assert (x > width / 2) == (direction == "rtl")


def test_value_axes_run_from_left_to_right_in_every_language(draw):
    def domains(spec):
        scales = [layer["encoding"]["x"]["scale"] for layer in spec["layer"] if layer["encoding"]["x"].get("scale")]
        return [(scale["domain"], scale["range"][0] < scale["range"][1]) for scale in scales]

    found = domains(draw(direction="rtl"))

    assert found == domains(draw(direction="ltr"))
    assert all(runs_right for _, runs_right in found)


def test_arabic_lines_keep_their_own_direction():
    unit = UnitRank(name="أبو ظبي (2)", rank=1, low=1, high=2)

    svg = render(rank_intervals([unit], figure=whole, texts=ARABIC, look=Look(direction="rtl")))

    assert ">\u2067المرتبة من 1 إلى 2\u2069<" in svg
    assert ">\u2068أبو ظبي (2)\u2069<" in svg
    assert 'direction="ltr"' in svg.partition(">")[0]


def test_a_share_beside_arabic_words_keeps_its_sign():
    units = [UnitTiers(name="الدوحة", shares=(0.7, 0.3))]
    names = (TierName("الفئة 1", "1"), TierName("الفئة 2", "2"))

    svg = render(tier_shares(units, tiers=names, figure=share, texts=ARABIC, look=Look(direction="rtl")))

    assert "\u2068الفئة 1\u2069 · \u206870\u00a0%\u2069" in svg


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_drawings_have_no_colours_but_the_stylesheet_s(draw, theme, ground, root):
    css = (root / "platform" / "config" / "static" / "steelyard.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks[:2])
    wanted = light if theme == "light" else light | dark

    svg = render(draw(theme=theme, ground=ground))

    assert colours_of(svg) - set(wanted.values()) == set()
    assert shapes_of(svg, "rect", fill=wanted[ground])
    assert wanted["ink"] in svg


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_texts_and_marks_keep_their_contrast(theme, ground):
    look = Look(theme=theme, ground=ground)
    colours = look.palette

    assert min(contrast(colour, look.behind) for colour in (colours.ink, colours.muted, colours.accent)) >= 4.5
    assert min(contrast(colour, look.behind) for colour in (colours.mark, colours.loss, colours.edge)) >= 3


def test_a_drawing_is_as_wide_as_asked_and_nothing_begins_outside(draw):
    for asked in (320, 720):
        root = ET.fromstring(render(draw(("A rather long name of a thing with many words", "Beta"), width=asked)))
        assert float(root.get("width")) == asked
        for text in ("Beta", TEXTS.source):
            assert 0 <= place_of(ET.tostring(root), text)[0] <= asked


def test_too_narrow_to_read_is_refused():
    with pytest.raises(ChartError, match="width"):
        Look(width=200)


# --- words that fit -----------------------------------------------------------------------------------------------------


def test_a_long_name_is_wrapped_then_ends_in_an_ellipsis():
    lines = wrapped("one two three four five six seven eight nine ten", room=60, size=13, most=3)

    assert len(lines) == 3
    assert lines[0] == "one two"
    assert lines[-1].endswith("…")
    assert all(width(line, 13) <= 60 for line in lines)


def test_a_word_without_end_is_cut_and_chinese_breaks_anywhere_but_before_a_stop():
    assert all(width(line, 13) <= 60 for line in wrapped("x" * 500, room=60, size=13, most=3))
    assert wrapped("依斯干达，公主城", room=13 * 4, size=13) == ["依斯干", "达，公主", "城"]


def test_characters_that_break_xml_or_turn_their_neighbours_are_dropped():
    assert plain("a\x00b\u202ec\ud800\ufffe\n d\u200cé") == "abc d\u200cé"


# --- the drawing as a file ----------------------------------------------------------------------------------------------


def test_specification_is_json_that_the_editor_reads(draw):
    spec = draw()

    copy = json.loads(json.dumps(spec, allow_nan=False))

    assert copy["$schema"] == "https://vega.github.io/schema/vega-lite/v6.json"
    assert render(copy) == render(spec)
    assert spec["config"]["font"] == TOKENS.font


def test_same_values_give_the_same_bytes(draw):
    assert render(draw()) == render(draw())


def test_a_drawing_loads_and_runs_nothing(draw):
    svg = render(draw())

    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"<(?:script|image|use|style|foreignObject|a)\b|\s(?:style|href|on\w+|class|id)=", svg) == []


def test_hostile_names_are_only_text(draw):
    svg = render(draw((HOSTILE, "n" * 5000)))

    tags = {node.tag.removeprefix(SVG) for node in ET.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "rect", "path", "line", "text", "tspan"}
    assert "<script" not in svg
    assert "\u202e" not in svg
    assert "&lt;script&gt;" in svg
    assert len(svg) < 30_000


def test_hostile_texts_are_only_text():
    texts = Texts(title=HOSTILE, subtitle=HOSTILE, source=HOSTILE, description=HOSTILE)
    unit = UnitRank(name="7", rank=1)

    svg = render(rank_intervals([unit], figure=whole, texts=texts, look=Look()))

    label = ET.fromstring(svg).get("aria-label")
    assert label == "<script>alert(1)</script> \"quoted\" 'too' & turned 7"
    assert "<script" not in svg
    assert "7" in texts_of(svg)


def test_threads_get_the_drawing_they_asked_for():
    specs = [CHARTS[name]((name, "Beta")) for name in CHARTS] * 4
    alone = [render(spec) for spec in specs[: len(CHARTS)]] * 4

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(render, specs))

    assert together == alone


def test_a_forked_process_is_refused_rather_than_left_waiting(monkeypatch):
    monkeypatch.setattr(rendering, "_rendered_in", {os.getpid() + 1})

    with pytest.raises(ForkedError):
        render(ranks())


def test_the_whole_field_is_drawn_in_a_moment():
    spec = ranks([f"City number {number}" for number in range(137)])
    render(ranks())  # the first one starts the engine

    began = time.process_time()
    svg = render(spec)
    took = time.process_time() - began

    assert sum(text.startswith("City number") for text in texts_of(svg)) == 137
    assert took < 2  # seconds of CPU; it takes a thirtieth of that


# --- refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ranks", "weights", "tiers", "change", "sensitivity"])
def test_nothing_to_draw_is_refused_by_name(name):
    with pytest.raises(EmptyChartError, match="at least one row is needed, got none"):
        CHARTS[name](())


@pytest.mark.parametrize("field", ["title", "subtitle", "source", "description"])
def test_a_chart_without_words_is_refused(field):
    words = {"title": "a", "subtitle": "b", "source": "c", "description": "d"}

    with pytest.raises(ChartError, match=f"{field}: a chart needs words"):
        Texts(**words | {field: " \n"})


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"rank": float("nan")}, "finite numbers"),
        ({"rank": 1, "low": 1}, "both ends"),
        ({"rank": 1, "low": 3, "high": 2}, "both ends in order"),
        ({"rank": 1, "low": 1, "high": float("inf")}, "finite numbers"),
    ],
)
def test_numbers_that_cannot_be_drawn_are_refused(facts, said):
    with pytest.raises(ChartError, match=said):
        rank_intervals([UnitRank(name="Doha", **facts)], figure=whole, texts=TEXTS, look=Look())


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.5, 0.2, 0.2, 0.2), (1.2, -0.2, 0.0, 0.0)])
def test_shares_that_are_no_shares_are_refused(shares):
    with pytest.raises(ChartError, match="Doha: "):
        tier_shares([UnitTiers(name="Doha", shares=shares)], tiers=TIERS, figure=share, texts=TEXTS, look=Look())


def test_parts_that_do_not_lead_to_the_end_are_refused():
    split = ChangeSplit(start_name="a", start=1.0, parts=(SplitPart("Air", 1.0),), end_name="b", end=3.0)

    with pytest.raises(ChartError, match=r"must lead from 1.0 to 3.0, got 2.0"):
        change_split(split, figure=points, texts=TEXTS, look=Look())
