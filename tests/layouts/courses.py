"""Steps, rankings, timetables, hours, plans and recipes: what has its order or its time."""

from __future__ import annotations

from random import Random

from tests.layouts.kind import (
    Content,
    Kind,
    base,
    bullets,
    doing,
    drop,
    joined,
    numbered,
    subject,
    table,
    trade,
    trade_column,
    two,
    upper,
    without,
)

NUMBERS = ("zero", "one", "two", "three", "four", "five")


# --- steps ---------------------------------------------------------------------------------------


def make_steps(rng: Random) -> Content:
    pool = subject("steps", rng)
    size = rng.choice((3, 4, 5))
    at = rng.randrange(len(pool["steps"]) - size + 1)
    return {"ask": pool["ask"], "steps": pool["steps"][at : at + size]}


def steps_told(content: Content) -> str:
    first, *others, last = map(base, content["steps"])
    ties = ("Then", "Next,", "After that,")
    told = [f"{tie} {step}." for tie, step in zip(ties, others, strict=False)]
    return " ".join([f"First, {first}.", *told, f"Finally, {last}."])


def steps_then(content: Content) -> str:
    steps = [*map(base, content["steps"])]
    pairs = [steps[n : n + 2] for n in range(0, len(steps), 2)]
    return " ".join(upper(", then ".join(pair)) + "." for pair in pairs)


def steps_plain(content: Content) -> str:
    return " ".join(f"{upper(base(step))}." for step in content["steps"])


def steps_run_on(content: Content) -> str:
    steps = [*map(base, content["steps"])]
    return upper(f"{', '.join(steps[:-1])} and then {steps[-1]}.")


def steps_after(content: Content) -> str:
    first, second, *rest = content["steps"]
    text = f"After {doing(first)}, {base(second)}."
    if len(rest) > 1:
        text += f" {upper(base(rest[0]))} before {doing(rest[1])}."
        rest = rest[2:]
    return " ".join([text, *(f"{upper(base(step))}." for step in rest)])


def steps_numbered(content: Content) -> str:
    return numbered([f"{upper(base(step))}." for step in content["steps"]])


def steps_labelled(content: Content) -> str:
    return "\n".join(f"**Step {n}:** {upper(base(s))}." for n, s in enumerate(content["steps"], 1))


def steps_table(content: Content) -> str:
    rows = [[str(n), upper(base(step))] for n, step in enumerate(content["steps"], 1)]
    return table(["Step", "What to do"], rows)


def _neighbours(content: Content, rng: Random) -> Content:
    steps = list(content["steps"])
    at = rng.randrange(len(steps) - 1)
    steps[at], steps[at + 1] = steps[at + 1], steps[at]
    return {**content, "steps": steps}


STEPS = Kind(
    "steps",
    make_steps,
    (steps_told, steps_then, steps_plain, steps_run_on, steps_after),
    (steps_numbered, steps_labelled, steps_table, steps_told, steps_then),
    {"trade steps": _neighbours, "drop step": drop("steps")},
)


# --- rankings ------------------------------------------------------------------------------------


def make_ranking(rng: Random) -> Content:
    pool = subject("ranking", rng)
    size = rng.choice((3, 4))
    names = rng.sample(pool["names"], size)
    ranks = [list(r) for r in zip(names, pool["values"][:size], strict=True)]
    return {"ask": pool["ask"].format(n=NUMBERS[size]), "best": pool["best"], "ranks": ranks}


def ranking_followed(content: Content) -> str:
    (name, value), *rest = content["ranks"]
    others = joined([f"{n} ({v})" for n, v in rest])
    return f"{content['best']} {name} ({value}), followed by {others}."


def ranking_places(content: Content) -> str:
    words = ("first", "second", "third", "fourth")
    parts = [f"{n} is {w} with {v}" for (n, v), w in zip(content["ranks"], words, strict=False)]
    return f"{', '.join(parts[:-1])} and {parts[-1]}."


def ranking_sentences(content: Content) -> str:
    (name, value), *rest = content["ranks"]
    ties = ("Next comes", "In third place is", "Last of them is")
    told = [f"{t} {n} with {v}." for (n, v), t in zip(rest, ties, strict=False)]
    return " ".join([f"{content['best']} {name} with {value}.", *told])


def ranking_numbered(content: Content) -> str:
    return numbered([f"{name} ({value})" for name, value in content["ranks"]])


def ranking_bold(content: Content) -> str:
    return numbered([f"**{name}:** {value}" for name, value in content["ranks"]])


def ranking_table(content: Content) -> str:
    rows = [[str(n), name, value] for n, (name, value) in enumerate(content["ranks"], 1)]
    return table(["Rank", "Name", "Figure"], rows)


RANKING = Kind(
    "ranking",
    make_ranking,
    (ranking_followed, ranking_places, ranking_sentences),
    (ranking_numbered, ranking_bold, ranking_table),
    {"trade ranks": trade("ranks"), "trade names": trade_column("ranks", 0),
     "trade figures": trade_column("ranks", 1), "drop one": drop("ranks")},
)  # fmt: skip


# --- times ---------------------------------------------------------------------------------------


def make_times(rng: Random) -> Content:
    pool = subject("times", rng)
    size = rng.choice((3, 4))
    names = rng.sample(pool["names"], size)
    hours = sorted(rng.sample(range(1, 12), size))
    times = [f"{h}:{rng.choice(('05', '10', '25', '40'))} {rng.choice('ap')}m" for h in hours]
    return {**pool, "times": [list(row) for row in zip(names, times, strict=True)]}


def times_one_sentence(content: Content) -> str:
    (name, time), *rest = content["times"]
    others = [f"the one {content['thing'].split()[1]} {n} at {t}" for n, t in rest]
    return f"The {content['thing']} {name} {content['verb']} at {time}, {joined(others)}."


def times_sentences(content: Content) -> str:
    rows = content["times"]
    return " ".join(f"The {content['thing']} {n} {content['verb']} at {t}." for n, t in rows)


def times_first(content: Content) -> str:
    rows = content["times"]
    return " ".join(f"At {t}, the {content['thing']} {n} {content['verb']}." for n, t in rows)


def times_bullets(content: Content) -> str:
    return bullets([f"**{upper(name)}:** {time}" for name, time in content["times"]])


def times_turned(content: Content) -> str:
    return bullets([f"{time}: {content['thing']} {name}" for name, time in content["times"]])


def times_table(content: Content) -> str:
    rows = [[upper(name), time.replace("am", "a.m.").replace("pm", "p.m.")]
            for name, time in content["times"]]  # fmt: skip
    return table([upper(content["thing"]), "Time"], rows)


TIMES = Kind(
    "times",
    make_times,
    (times_one_sentence, times_sentences, times_first),
    (times_bullets, times_turned, times_table),
    {"trade times": trade_column("times", 1), "drop one": drop("times")},
)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def make_hours(rng: Random) -> Content:
    pool = subject("hours", rng)
    days = [DAYS[n] for n in sorted(rng.sample(range(7), rng.choice((3, 4))))]
    rows: list[list[str]] = []
    opens = rng.sample(("8 am", "9 am", "10 am", "11 am"), 4)
    closes = rng.sample(("1 pm", "4 pm", "5 pm", "8 pm"), 4)
    rows = [[day, opens.pop(), closes.pop()] for day in days]
    rows[rng.randrange(len(rows))][1:] = ["", ""]
    return {**pool, "hours": rows}


def hours_told(content: Content) -> str:
    held = [row for row in content["hours"] if row[1]]
    shut = [row[0] for row in content["hours"] if not row[1]]
    parts = [f"on {d}s from {a} to {b}" for d, a, b in held]
    text = f"{content['thing']} is open {joined(parts)}."
    return f"{text} It is closed on {joined([f'{day}s' for day in shut])}." if shut else text


def hours_sentences(content: Content) -> str:
    parts = []
    for day, a, b in content["hours"]:
        parts.append(f"On {day} it is open from {a} until {b}." if a else f"On {day} it is closed.")
    return " ".join(parts).replace("it is", f"{_lower(content['thing'])} is", 1)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _span(a: str, b: str) -> str:
    return f"{a}–{b}" if a else "closed"


def hours_bullets(content: Content) -> str:
    return bullets([f"**{day}:** {_span(a, b)}" for day, a, b in content["hours"]])


def hours_table(content: Content) -> str:
    rows = [[day, a or "closed", b or "–"] for day, a, b in content["hours"]]
    return table(["Day", "Opens", "Closes"], rows)


def hours_small_table(content: Content) -> str:
    return table(["Day", "Hours"], [[day, upper(_span(a, b))] for day, a, b in content["hours"]])


HOURS = Kind(
    "hours",
    make_hours,
    (hours_told, hours_sentences),
    (hours_bullets, hours_table, hours_small_table),
    {"trade days": trade_column("hours", 0), "drop day": drop("hours"),
     "trade ends": trade_column("hours", 2)},
)  # fmt: skip


# --- a plan by day and hour ----------------------------------------------------------------------


def make_plan(rng: Random) -> Content:
    pool = subject("plan", rng)
    start = rng.randrange(5)
    days = DAYS[start : start + rng.choice((2, 3))]
    acts = rng.sample(pool["acts"], 2 * len(days))
    plan = []
    for n, day in enumerate(days):
        hours = sorted(rng.sample(range(9, 19), 2))
        plan.append([day, [[_clock(h), acts[2 * n + m]] for m, h in enumerate(hours)]])
    return {"ask": pool["ask"], "plan": plan}


def _clock(hour: int) -> str:
    return f"{hour} am" if hour < 12 else f"{(hour - 1) % 12 + 1} pm"


def plan_told(content: Content) -> str:
    parts = []
    for day, acts in content["plan"]:
        told = joined([f"{act} at {time}" for time, act in acts])
        parts.append(f"On {day}, you {told}.")
    return " ".join(parts)


def plan_hour_first(content: Content) -> str:
    parts = []
    for day, acts in content["plan"]:
        for n, (time, act) in enumerate(acts):
            parts.append(f"On {day} at {time} you {act}." if not n else f"At {time} you {act}.")
    return " ".join(parts)


def plan_headed(content: Content) -> str:
    return "\n\n".join(
        f"### {day}\n\n" + bullets([f"{time}: {act}" for time, act in acts])
        for day, acts in content["plan"]
    )


def plan_bold(content: Content) -> str:
    return "\n\n".join(
        f"**{day}**\n" + bullets([f"{upper(act)} at {time}" for time, act in acts])
        for day, acts in content["plan"]
    )


def plan_table(content: Content) -> str:
    rows = [[day, time, upper(act)] for day, acts in content["plan"] for time, act in acts]
    return table(["Day", "Time", "Activity"], rows)


def _trade_acts(content: Content, rng: Random) -> Content:
    plan = [[day, [list(a) for a in acts]] for day, acts in content["plan"]]
    spots = [act for _, acts in plan for act in acts]
    one, other = two(len(spots), rng)
    spots[one][1], spots[other][1] = spots[other][1], spots[one][1]
    return {**content, "plan": plan}


def _drop_act(content: Content, rng: Random) -> Content:
    plan = [[day, list(acts)] for day, acts in content["plan"]]
    at = rng.randrange(len(plan))
    plan[at][1] = without(plan[at][1], rng)
    return {**content, "plan": plan}


PLAN = Kind(
    "plan",
    make_plan,
    (plan_told, plan_hour_first),
    (plan_headed, plan_bold, plan_table),
    {"trade acts": _trade_acts, "trade days": trade_column("plan", 0), "drop act": _drop_act},
)


# --- recipes -------------------------------------------------------------------------------------


def make_recipe(rng: Random) -> Content:
    pool = subject("recipe", rng)
    return {
        "ask": pool["ask"],
        "needs": [need.split("|") for need in pool["needs"][: rng.choice((4, 5, 6))]],
        "steps": pool["steps"][: rng.choice((3, 4, 5))],
    }


def _amount(amount: str, what: str) -> str:
    return f"{amount} {what}" if amount.isdigit() else f"{amount} of {what}"


def recipe_told(content: Content) -> str:
    return f"You need {joined([_amount(*n) for n in content['needs']])}. {steps_told(content)}"


def recipe_take(content: Content) -> str:
    return f"Take {joined([_amount(*need) for need in content['needs']])}. {steps_then(content)}"


def recipe_lists(content: Content) -> str:
    needs = bullets([" ".join(need) for need in content["needs"]])
    return f"**Ingredients**\n{needs}\n\n**Steps**\n{steps_numbered(content)}"


def recipe_table(content: Content) -> str:
    needs = table(["Ingredient", "Amount"], [[upper(what), n] for n, what in content["needs"]])
    return f"{needs}\n\n{steps_numbered(content)}"


RECIPE = Kind(
    "recipe",
    make_recipe,
    (recipe_told, recipe_take),
    (recipe_lists, recipe_table),
    {"trade amounts": trade_column("needs", 0), "drop ingredient": drop("needs"),
     "trade steps": _neighbours, "drop step": drop("steps")},
)  # fmt: skip

COURSES = (STEPS, RANKING, TIMES, HOURS, PLAN, RECIPE)
