"""Break a rule on purpose and see that a test fails: ``python tests/mutations.py`` (a word more: only what has it in its name).

Each change below once passed every test, or would be easy to make. It is made in a copy of the checkout; the tests named
beside it must then fail. A change whose place is no longer there fails too: it is to be written anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FAILED = 1  # what pytest returns when tests failed; anything else tells that they never ran
SCRIPTS = "tests/architecture/test_javascript.py::test_scripts_do_what_their_unit_tests_say"


@dataclass(frozen=True)
class Mutation:
    """A text of one file that is replaced by another, and the tests that must miss it."""

    says: str
    path: str
    old: str
    new: str
    tests: str


MUTATIONS = (
    # files that are sent
    Mutation(
        "a draft is taken in though other data stand than it was compared with",
        "scoring/usecases/uploads.py",
        'if locked.preview["standing"] != _standing(edition, locked.kind):',
        "if False:",
        "tests/scoring/test_uploads.py",
    ),
    Mutation(
        "a worker takes a draft in though other data stand by then",
        "scoring/usecases/uploads.py",
        'upload.preview["standing"] == standing',
        "True",
        "tests/scoring/test_uploads.py",
    ),
    Mutation(
        "files that are being taken in are dropped for the next ones",
        "scoring/usecases/uploads.py",
        "if before.is_confirmed and UPLOAD",
        "if not before.is_confirmed and UPLOAD",
        "tests/scoring/test_uploads.py",
    ),
    Mutation(
        "a code is known by one spelling alone",
        "platform/exchange/sheets.py",
        "known[name].find(row.cells[name]) or row.cells[name] for",
        "row.cells[name] for",
        "tests/scoring/test_uploads.py",
    ),
    Mutation(
        "a reading may take as much memory as there is",
        "platform/exchange/own_process.py",
        "(resource.RLIMIT_DATA, memory), ",
        "",
        "tests/exchange/test_own_process.py",
    ),
    # texts in tables
    Mutation(
        "a text of a table is a formula",
        "platform/exchange/tables.py",
        "[guarded(cell) if isinstance(cell, str) else cell for cell in row]",
        "list(row)",
        "tests/exchange tests/scoring/test_formulas.py",
    ),
    Mutation(
        "a name that begins with an apostrophe loses it on its way back",
        "platform/exchange/cells.py",
        "text[:1] == GUARD or is_formula(text)",
        "is_formula(text)",
        "tests/exchange",
    ),
    Mutation(
        "a file that is sent back keeps what guarded its texts",
        "platform/exchange/sheets.py",
        "list(map(unguarded, cells))",
        "cells",
        "tests/exchange",
    ),
    Mutation(
        "an older release is read as one of today",
        "scoring/files/guarding.py",
        "if not isinstance(form, int) or form >= SINCE:",
        "if not isinstance(form, int) or form >= 0:",
        "tests/scoring/test_formulas.py",
    ),
    Mutation(
        "what stood computed before texts were guarded is released as it stands",
        "scoring/usecases/releases.py",
        "files = without_formulas({**files, DICTIONARY: dictionary(files)})",
        "files = {**files, DICTIONARY: dictionary(files)}",
        "tests/scoring/test_formulas.py",
    ),
    # who is ranked
    Mutation(
        "a city may stand under two states",
        "scoring/files/unit_list_problems.py",
        "if a.country != b.country and (apart := distance(a, b)) <= NEAR:",
        "if a.country != b.country and (apart := distance(a, b)) <= NEAR / 10:",
        "tests/scoring/test_unit_lists.py",
    ),
    Mutation(
        "data may move a unit to another country than was frozen",
        "scoring/files/departures.py",
        "        if fixed.country != found.country:\n",
        "        if not fixed.country:\n",
        "tests/scoring/test_unit_lists.py",
    ),
    Mutation(
        "a value whose year nobody said counts as of the year that was fixed",
        "scoring/files/departures.py",
        "elif value.year is None or not any(",
        "elif value.year is not None and not any(",
        "tests/scoring/test_unit_lists.py",
    ),
    Mutation(
        "a method is frozen without saying who is ranked",
        "scoring/usecases/fixing.py",
        "    if unit_list is None:\n",
        "    if recipe is None:\n",
        "tests/scoring/test_unit_lists.py",
    ),
    Mutation(
        "a second list is scored with data of the first",
        "scoring/usecases/edition_data.py",
        "    check_frozen_units(locked, locked.dataset)  # a second freeze comes after data were opened\n",
        "",
        "tests/scoring/test_unit_lists.py",
    ),
    # what may not be published
    Mutation(
        "a correction carries a value of the release before that may not be published",
        "scoring/files/withheld.py",
        'DATA_FILES: Final = ("data.csv", "previous/data.csv", "previous/first_data.csv")',
        'DATA_FILES: Final = ("data.csv",)',
        "tests/scoring/test_licences.py",
    ),
    Mutation(
        "steps tell a value again by what they fill and bound with it",
        "scoring/files/withheld.py",
        "        return column in indicators\n",
        "        return of_cells(_row, column)\n",
        "tests/scoring/test_licences.py",
    ),
    Mutation(
        "a value that is no longer shown is said to be taken out",
        "scoring/queries/published/correction.py",
        ' and one["indicator"] not in hidden',
        "",
        "tests/scoring/test_licences.py",
    ),
    # what was, and what may be told
    Mutation(
        "a closed round is counted again from living rows",
        "surveys/queries/rounds.py",
        "counted if row.at_closing is None else RoundFacts.stored(row.at_closing)",
        "counted",
        "tests/surveys/test_facts.py",
    ),
    Mutation(
        "a group too small is told by what is left of the others",
        "surveys/values/rounds.py",
        "            told.pop()\n",
        "            break\n",
        "tests/surveys/test_facts.py",
    ),
    Mutation(
        "a release passes over sources without a licence",
        "scoring/usecases/releases.py",
        "    if unknown:\n",
        "    if len(unknown) > 1:\n",
        "tests/scoring/test_licences.py",
    ),
    Mutation(
        "a summary gives back values that were left out",
        "scoring/files/withheld.py",
        '    summary.pop("yardstick", None)\n',
        "",
        "tests/scoring/test_licences.py",
    ),
    Mutation(
        "a city is ranked in spite of its circumstances",
        "scoring/numerics/composite/screen.py",
        " & has_row & ~is_excused",
        " & has_row",
        "tests/scoring/test_circumstances.py",
    ),
    # what was not said
    Mutation(
        "a value without a source is one of the city",
        "scoring/files/sources.py",
        'resolution: Resolution = ""',
        'resolution: Resolution = "city"',
        "tests/scoring/test_unknown.py",
    ),
    Mutation(
        "another value keeps the origin of the one before",
        "scoring/files/patches.py",
        "kept = before.get(cell, unknown) if is_same[row, column] else unknown",
        "kept = before.get(cell, unknown)",
        "tests/scoring/test_patches.py",
    ),
    Mutation(
        "a correction through the desk replaces the whole",
        "scoring/usecases/edition_data.py",
        "follows=before,",
        "follows=None,",
        "tests/scoring/test_corrections.py",
    ),
    Mutation(
        "a correction's empty cell takes the value away",
        "scoring/files/patches.py",
        "np.where(np.isnan(table.values), values[place], table.values)",
        "table.values",
        "tests/scoring/test_patches.py",
    ),
    # how sure, and of what
    Mutation(
        "sure: draws stop before every end is known",
        "scoring/numerics/robustness/doubling.py",
        "return 0 if is_enough else len(ranks)",
        "return 0",
        "-p no:django tests/numerics/robustness/test_doubling.py",
    ),
    Mutation(
        "sure: a scoring ends though more draws are wanted",
        "scoring/usecases/scorings.py",
        'if study.more_runs(prepared.nominal, computed.get("draws", [])):',
        "if False:",
        "tests/scoring/test_parts.py::test_scoring_whose_draws_are_not_enough_does_not_end",
    ),
    Mutation(
        "sure: an interval does not say whom it leaves out",
        "scoring/numerics/robustness/scope.py",
        '(*held, "data_error", "who_was_asked")',
        '(*held, "data_error")',
        "-p no:django tests/numerics/robustness/test_scope.py",
    ),
    Mutation(
        "sure: the weight on countries counts values that are not there",
        "scoring/numerics/composite/country_shares.py",
        "(such[counts] @ weights / has[counts])",
        "(such[counts] @ weights / weights.sum())",
        "-p no:django tests/numerics/composite/test_country_shares.py",
    ),
    Mutation(
        "sure: cities of a country stand by rank though nobody tells them apart",
        "scoring/queries/published/ranking.py",
        "runs = [0] * len(rows)",
        "runs = list(range(len(rows)))",
        "tests/scoring/test_beside_numbers.py",
    ),
    Mutation(
        "sure: a rank that most draws put elsewhere is told without a word",
        "scoring/queries/published/headline.py",
        "return self.half is not None and not self.half[0] <= self.rank <= self.half[1]",
        "return False",
        "tests/scoring/test_findings.py tests/scoring/test_untypical.py",
    ),
    # who is told of
    Mutation(
        "the remainder of small groups may be a group of one",
        "scoring/numerics/ahp/disclosure.py",
        'if 0 < there.pop("", 0) < SMALLEST_GROUP and there:',
        'if 0 < there.pop("", 0) < 0 and there:',
        "tests/numerics/ahp/test_disclosure.py",
    ),
    Mutation(
        "those without a group may be one person at a question",
        "scoring/numerics/ahp/disclosure.py",
        "for places in (range(len(kept)), *_positions(nodes).values()):",
        "for places in (range(len(kept)),):",
        "tests/numerics/ahp/test_disclosure.py",
    ),
    Mutation(
        "who is told by the nodes she answered keeps one code",
        "scoring/numerics/ahp/disclosure.py",
        "sizes[pattern] < SMALLEST_GROUP for pattern",
        "sizes[pattern] < 0 for pattern",
        "tests/numerics/ahp/test_disclosure.py",
    ),
    Mutation(
        "weights that few share are told as they are",
        "scoring/numerics/ahp/disclosure.py",
        "out[places] = _classed(weights[places])",
        "out[places] = weights[places]",
        "tests/scoring/test_joins.py",
    ),
    Mutation(
        "receipts hash the desk's code",
        "surveys/usecases/submissions.py",
        "secret = secrets.token_hex(SECRET_BYTES)",
        "secret = panelist.code",
        "tests/surveys/test_handover.py",
    ),
    Mutation(
        "a withdrawal leaves her code connected with her",
        "surveys/usecases/withdrawals.py",
        "    held.publication_codes.update(panelist=None)\n",
        "",
        "tests/scoring/test_disclosure.py",
    ),
    Mutation(
        "one more of a language renews what the others weigh",
        "scoring/rules.py",
        "0 < fewest_between(one, before) < SMALLEST_GROUP",
        "0 < fewest_between(one, before) < 0",
        "tests/scoring/test_disclosure.py",
    ),
    Mutation(
        "what all languages told leave of the whole may be two people",
        "scoring/rules.py",
        "if not ((rest > 0) & (rest < SMALLEST_GROUP)).any():",
        "if True:",
        "tests/scoring/test_sequences.py",
    ),
    Mutation(
        "figures that were repeated count with the people of today",
        "scoring/rules.py",
        "if figures not in told.setdefault(language, []):",
        "if told.setdefault(language, []) is not None:",
        "tests/scoring/test_sequences.py",
    ),
    Mutation(
        "rows: one who answers anew is told by two releases",
        "scoring/usecases/consensus.py",
        "return FEW_CHANGED if rows_tell_few(",
        "return FEW_CHANGED if not rows_tell_few(",
        "tests/scoring/test_few_changed.py",
    ),
    Mutation(
        "rows: of those who answered anew one has a group alone",
        "scoring/rules.py",
        "told = (number, places, row.nodes, row.group, row.weight)",
        "told = (number, places, row.nodes)",
        "tests/scoring/test_sequences.py",
    ),
    Mutation(
        "rows: a question nobody was asked before hides who answered the others anew",
        "scoring/rules.py",
        "beside: list[Files] = [together, _at_shared(together), *(_at_shared([together[0], one]) for one in together[1:])]",
        "beside: list[Files] = [together]",
        "tests/scoring/test_sequences.py",
    ),
    Mutation(
        "rows: who came is told by the answers that stayed",
        "scoring/rules.py",
        "return more != less and max(more, less) in FEW",
        "return False",
        "tests/scoring/test_sequences.py",
    ),
    Mutation(
        "rows: who answered anew twice is told by three releases",
        "scoring/rules.py",
        "beside: list[Files] = [together, _at_shared(together), *(_at_shared([together[0], one]) for one in together[1:])]",
        "beside: list[Files] = [_at_shared([together[0], one]) for one in together[1:]]",
        "tests/scoring/test_sequences.py",
    ),
    Mutation(
        "the code of somebody who withdrew leads to her again",
        "surveys/handover.py",
        "None if people[expert].withdrawn_at else people[expert]",
        "people[expert]",
        "tests/scoring/test_disclosure.py",
    ),
    Mutation(
        "the table of pairs outlives its day",
        "scoring/usecases/destruction.py",
        "if end is not None and end <= at:",
        "if end is not None and end <= at and False:",
        "tests/scoring/test_disclosure.py",
    ),
    # what stands of a panelist's answers
    Mutation(
        "the desk's shares tell what the last few people answered",
        "surveys/queries/desk/round_progress.py",
        "if fresh % SMALLEST_GROUP == 0:",
        "if fresh >= SMALLEST_GROUP:",
        "tests/surveys/test_shares.py",
    ),
    Mutation(
        "the desk's shares go on when somebody withdraws",
        "surveys/queries/desk/round_progress.py",
        "            told, fresh = [], 0\n",
        "",
        "tests/surveys/test_shares.py",
    ),
    Mutation(
        "the people list counts answers that were taken back",
        "surveys/queries/desk/people.py",
        'Exists(answered(round_).filter(panelist=OuterRef("pk")))',
        'Exists(Panelist.objects.filter(pk=OuterRef("pk"), judgements__comparison__round=round_))',
        "tests/surveys/test_standing.py",
    ),
    Mutation(
        "a second round shows the reasons of who left the node out",
        "surveys/queries/panelist/previous_round.py",
        "rows = answered(wave.round)\n",
        "rows = standing(wave.round)\n",
        "tests/surveys/test_rounds.py",
    ),
    Mutation(
        "criteria are read in no order",
        "surveys/queries/counting.py",
        'row.version.criteria.order_by("position")',
        "row.version.criteria.order_by()",
        "tests/surveys/test_standing.py tests/scoring/test_consensus.py",
    ),
    # what may be done, and when
    Mutation(
        "a frozen method is frozen again",
        "scoring/states.py",
        """            function="usecases.freezes.freeze_method",
            by=MODERATOR,
            starts=(EditionState.PREPARING,),""",
        """            function="usecases.freezes.freeze_method",
            by=MODERATOR,
            starts=(EditionState.PREPARING, EditionState.FROZEN),""",
        "tests/scoring/test_editions.py",
    ),
    # the arithmetic
    Mutation(
        "what-if forgets filling over time",
        "scoring/numerics/robustness/release_model.py",
        'chain(self.nominal.steps["screened"], self.tree)',
        'chain(latest(self.nominal.steps["screened"]), self.tree)',
        "-p no:django tests/numerics/robustness/test_over_time.py",
    ),
    Mutation(
        "draws forget filling over time",
        "scoring/numerics/robustness/runs.py",
        'drawn_recipes(nominal, tree), chain(nominal.steps["screened"], tree)',
        'drawn_recipes(nominal, tree), chain(nominal.steps["imputed"], tree)',
        "-p no:django tests/numerics/robustness/test_over_time.py",
    ),
    Mutation(
        "the score forgets filling over time",
        "scoring/numerics/composite/chain.py",
        "pooled or rule.method in OVER_TIME else latest",
        "pooled else latest",
        "-p no:django tests/numerics/robustness/test_over_time.py tests/numerics/composite",
    ),
    Mutation(
        "experts equally far from two groups count as sure of theirs",
        "scoring/numerics/ahp/clusters.py",
        "out=np.zeros(len(labels))",
        "out=np.ones(len(labels))",
        "-p no:django tests/numerics/ahp/test_properties.py",
    ),
    Mutation(
        "priorities that were never found are published",
        "scoring/numerics/ahp/priorities.py",
        "    wrong[waiting] = True",
        "    wrong[:] = False",
        "-p no:django tests/numerics/ahp",
    ),
    # scripts that must not lose an answer
    *(
        Mutation(says, f"surveys/static/surveys/{path}", old, new, SCRIPTS)
        for says, path, old, new in (
            ("pauses do not grow", "answers/queue.js", "this.#failures += 1;", "this.#failures = 1;"),
            ("a later answer is sent first", "answers/queue.js", "other.id > entry.id && ", ""),
            (
                "another link's answers are sent",
                "answers/queue.js",
                "all.filter((entry) => entry.scope === this.#scope)",
                "all",
            ),
            ("two windows send at once", "answers/queue.js", "this.#alone(() => this.#send())", "this.#send()"),
            (
                "a pair turned round is another pair",
                "answers/protocol.js",
                "|| (one.first === other.second && one.second === other.first)",
                "",
            ),
            ("an answer is sent without its version", "answers/protocol.js", ' "version", "key"]', ' "key"]'),
            ("a closed database is never opened again", "answers/store.js", "      this.#database = null;\n", ""),
            (
                "an old reply takes the version back",
                "pair/state.js",
                "Math.max(pair.version, reply.version)",
                "reply.version",
            ),
            (
                "an answer changed counts twice",
                "pair/state.js",
                "if (!pair.value) this.#count(pair, 1);",
                "this.#count(pair, 1);",
            ),
            ("a reply overwrites what is being typed", "pair/state.js", " && !this.isTyping(comment)", ""),
            ("full-width addresses pass", "pair/state.js", '.normalize("NFKC")', ""),
            (
                "all is said to be stored while answers are refused",
                "device/state_line.js",
                "waiting === 0 && refused.length === 0",
                "waiting === 0",
            ),
        )
    ),
    # agreement from 0 to 1, or none
    Mutation(
        "S* below 0 is published",
        "scoring/numerics/ahp/consensus.py",
        "None if unbounded < -ROUNDING else min(max(unbounded, 0.0), 1.0)",
        "unbounded",
        "tests/numerics/ahp/test_properties.py tests/numerics/ahp/test_refusals.py",
    ),
    Mutation(
        "the tree's agreement is the mean of the nodes that have one",
        "scoring/numerics/pipeline.py",
        "s_star=None if too_far else over_the_tree(",
        "s_star=over_the_tree(",
        "tests/numerics/ahp/test_refusals.py",
    ),
    # what verify_release holds a bundle to
    Mutation(
        "a bundle that lacks an input, and whose manifest does too, is verified",
        "scoring/files/verification.py",
        'found += [Difference(one, say) for one in lost if one not in manifest["files"]]',
        "_ = say",
        "tests/scoring/test_verify_release.py::test_bundle_without_an_input_is_not_verified_though_its_manifest_lacks_it_too",
    ),
    Mutation(
        "what is left out on purpose is not named",
        "scoring/files/verification.py",
        "return (*map(str, self.withheld), *lone)",
        "return lone",
        "tests/scoring/test_verify_release.py::test_what_is_left_out_on_purpose_is_named_and_never_counted",
    ),
    Mutation(
        "numbers agree to the eleventh digit",
        "scoring/files/comparing.py",
        "expected.adjusted() - (COMPUTED - 1)",
        "expected.adjusted() - (COMPUTED - 2)",
        "tests/scoring/test_comparing.py",
    ),
)


def copy_to(folder: Path) -> None:
    """Copy what git knows of the checkout, with what is compiled and installed beside it."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    catalogues = (ROOT / place for place in ("locale", "platform/config/kinds"))
    compiled = [str(path.relative_to(ROOT)) for place in catalogues for path in place.glob("*/LC_MESSAGES/*.mo")]
    for name in [one for one in listed.split("\0") if one] + compiled:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    (folder / "tests/javascript/node_modules").symlink_to(ROOT / "tests/javascript/node_modules")
    (folder / ".venv").symlink_to(ROOT / ".venv")


def survives(folder: Path, mutation: Mutation) -> str:
    """Return why the change was not missed, empty where it was."""
    path = folder / mutation.path
    right = path.read_text(encoding="utf-8")
    if right.count(mutation.old) != 1:
        return f"its text stands {right.count(mutation.old)} times in {mutation.path}"
    path.write_text(right.replace(mutation.old, mutation.new), encoding="utf-8")
    places = {"PYTHONPATH": os.pathsep.join([str(folder), str(folder / "platform")]), "DB": "sqlite"}
    command = [sys.executable, "-m", "pytest", "-q", "--exitfirst", "-p", "no:randomly", *mutation.tests.split()]
    try:
        done = subprocess.run(command, cwd=folder, env=os.environ | places, capture_output=True, text=True, check=False)
    finally:
        path.write_text(right, encoding="utf-8")
    if done.returncode == FAILED:
        return ""
    return "no test failed" if done.returncode == 0 else f"the tests did not run:\n{done.stdout}{done.stderr}"


def main(words: list[str]) -> int:
    """Return how many changes no test missed."""
    survivors = 0
    with tempfile.TemporaryDirectory() as name:
        copy_to(Path(name))
        for mutation in MUTATIONS:
            if all(word in mutation.says for word in words):
                why = survives(Path(name), mutation)
                survivors += bool(why)
                print(f"{'NOT SEEN' if why else 'seen':<9} {mutation.says}{f': {why}' if why else ''}", flush=True)
    return survivors


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
