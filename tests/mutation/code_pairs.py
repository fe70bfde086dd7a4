"""Faithful rewrites of code in thirteen languages: the code stays, its frame changes."""

from __future__ import annotations

# ruff: noqa: E501 (code and sentences are quoted as they are written)
import re
from collections.abc import Iterator
from dataclasses import dataclass

from realign_local.gates.gate import Case


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code with what was asked for, what it does, and the line that a split goes before."""

    language: str
    asked: str
    code: str
    does: str
    split: int


SNIPPETS = (
    Snippet("python", "Write a Python function that finds the second largest value of a list.",
'''def second_largest(values):
    """Return the second largest distinct value, or None."""
    first = second = None
    for value in values:
        if first is None or value > first:
            first, second = value, first
        elif value != first and (second is None or value > second):
            second = value
    return second''', "It keeps the two largest values while it walks through the list once.", 3),
    Snippet("python", "Count how often each word occurs in a file.",
'''import re
from collections import Counter

def word_counts(path):
    with open(path, encoding="utf-8") as handle:
        text = handle.read().lower()
    words = re.findall(r"[a-z']+", text)
    return Counter(words)

print(word_counts("notes.txt").most_common(5))''', "It reads the file, cuts it into words and counts them.", 3),
    Snippet("python", "Give me a class for a bank account in Python.",
'''class Account:
    fee = 0.25

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def withdraw(self, amount):
        if amount + self.fee > self.balance:
            raise ValueError("not enough money")
        self.balance -= amount + self.fee
        return self.balance''', "A withdrawal costs a small fee and fails where the balance is too low.", 7),
    Snippet("python", "Is there a quick way to flatten a nested list?",
'''def flatten(items):
    for item in items:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item

flat = list(flatten([1, [2, [3, 4]], 5]))''', "The generator calls itself for every list that it meets.", 7),
    Snippet("javascript", "Write a debounce helper in JavaScript.",
'''function debounce(callback, delay = 200) {
  let timer = null;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => callback(...args), delay);
  };
}''', "Every call resets the timer, so only the last one gets through.", 2),
    Snippet("javascript", "How do I group objects by a key?",
'''const groupBy = (rows, key) => {
  const groups = {};
  for (const row of rows) {
    const name = row[key] ?? "none";
    (groups[name] = groups[name] || []).push(row);
  }
  return groups;
};

console.log(groupBy([{ kind: "a", n: 1 }, { kind: "b", n: 2 }], "kind"));''', "Rows without the key are collected under a name of their own.", 9),
    Snippet("javascript", "Fetch a user and show the name on the page.",
'''async function showUser(id) {
  const response = await fetch(`/api/users/${id}`);
  if (!response.ok) {
    throw new Error("request failed: " + response.status);
  }
  const user = await response.json();
  document.querySelector("#name").textContent = user.name;
}''', "It stops with an error where the server does not answer well.", 5),
    Snippet("typescript", "Write a typed stack in TypeScript.",
'''class Stack<T> {
  private items: T[] = [];

  push(item: T): void {
    this.items.push(item);
  }

  pop(): T | undefined {
    return this.items.pop();
  }

  get size(): number {
    return this.items.length;
  }
}''', "The type of the items is fixed when the stack is made.", 7),
    Snippet("typescript", "Give me a function that keeps the products below a price.",
'''interface Product {
  name: string;
  price: number;
}

export function cheaperThan(products: Product[], limit: number): Product[] {
  return products.filter((product) => product.price < limit);
}''', "Products at the limit itself are left out.", 5),
    Snippet("java", "Write a Java method that checks whether a word is a palindrome.",
'''public class Words {
    public static boolean isPalindrome(String word) {
        int left = 0;
        int right = word.length() - 1;
        while (left < right) {
            if (word.charAt(left) != word.charAt(right)) {
                return false;
            }
            left++;
            right--;
        }
        return true;
    }
}''', "It compares letters from both ends until they meet.", 4),
    Snippet("java", "Sum the even numbers of a list in Java.",
'''import java.util.List;

public final class Sums {
    static int sumEven(List<Integer> numbers) {
        int total = 0;
        for (int number : numbers) {
            if (number % 2 == 0) {
                total += number;
            }
        }
        return total;
    }
}''', "Odd numbers are passed over.", 4),
    Snippet("java", "Show me a simple counter that is safe for threads.",
'''import java.util.concurrent.atomic.AtomicInteger;

class HitCounter {
    private final AtomicInteger hits = new AtomicInteger(0);

    int hit() {
        return hits.incrementAndGet();
    }

    void reset() {
        hits.set(0);
    }
}''', "The counter needs no lock of its own.", 5),
    Snippet("go", "Reverse a slice in Go.",
'''package main

import "fmt"

func reverse(values []int) []int {
	out := make([]int, 0, len(values))
	for i := len(values) - 1; i >= 0; i-- {
		out = append(out, values[i])
	}
	return out
}

func main() {
	fmt.Println(reverse([]int{1, 2, 3}))
}''', "The slice that was given stays as it is.", 12),
    Snippet("go", "Write a Go handler that answers with JSON.",
'''func health(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		http.Error(w, "method not allowed", 405)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"status":"ok"}`)
}''', "Any other method is refused.", 5),
    Snippet("go", "Find the maximum of a slice and report an error if it is empty.",
'''func maxOf(values []float64) (float64, error) {
	if len(values) == 0 {
		return 0, errors.New("empty slice")
	}
	best := values[0]
	for _, v := range values[1:] {
		if v > best {
			best = v
		}
	}
	return best, nil
}''', "An empty slice has no maximum, hence the error.", 4),
    Snippet("rust", "Write a Rust function that counts the vowels of a string.",
'''fn count_vowels(text: &str) -> usize {
    let vowels = ['a', 'e', 'i', 'o', 'u'];
    text.to_lowercase()
        .chars()
        .filter(|c| vowels.contains(c))
        .count()
}''', "Capital letters count as well.", 2),
    Snippet("rust", "Define a point with a distance method.",
'''#[derive(Debug, Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

impl Point {
    fn distance(&self, other: &Point) -> f64 {
        let dx = self.x - other.x;
        let dy = self.y - other.y;
        (dx * dx + dy * dy).sqrt()
    }
}''', "The distance is the length of the difference of the two points.", 6),
    Snippet("rust", "Parse a number from a line and fall back to zero.",
'''use std::io;

fn main() {
    let mut line = String::new();
    io::stdin().read_line(&mut line).expect("no input");
    let number: i32 = line.trim().parse().unwrap_or(0);
    match number {
        0 => println!("nothing to do"),
        n if n < 0 => println!("below zero: {}", n),
        n => println!("double: {}", n * 2),
    }
}''', "A line that holds no number is read as zero.", 6),
    Snippet("c", "Write a C function that swaps two integers.",
'''#include <stdio.h>

void swap(int *a, int *b) {
    int kept = *a;
    *a = *b;
    *b = kept;
}

int main(void) {
    int x = 3, y = 8;
    swap(&x, &y);
    printf("%d %d\\n", x, y);
    return 0;
}''', "The function works on the addresses, not on copies.", 8),
    Snippet("c", "Compute the length of a string without strlen.",
'''size_t length_of(const char *text) {
    const char *end = text;
    while (*end != '\\0') {
        end++;
    }
    return (size_t)(end - text);
}''', "It walks to the closing zero and takes the difference.", 2),
    Snippet("cpp", "Sort people by age in C++.",
'''#include <algorithm>
#include <string>
#include <vector>

struct Person {
    std::string name;
    int age;
};

void sortByAge(std::vector<Person>& people) {
    std::sort(people.begin(), people.end(), [](const Person& a, const Person& b) {
        return a.age < b.age;
    });
}''', "The youngest come first.", 9),
    Snippet("cpp", "Write a template that clamps a value.",
'''template <typename T>
T clampTo(T value, T low, T high) {
    if (value < low) {
        return low;
    }
    return value > high ? high : value;
}''', "It works for every type that can be compared.", 2),
    Snippet("sql", "Which customers spent more than 500 last year?",
'''SELECT c.name, SUM(o.total) AS spent
FROM customers AS c
JOIN orders AS o ON o.customer_id = c.id
WHERE o.placed_at >= '2023-01-01' AND o.placed_at < '2024-01-01'
GROUP BY c.name
HAVING SUM(o.total) > 500
ORDER BY spent DESC;''', "It adds up the orders of each customer and keeps the large sums.", 3),
    Snippet("sql", "Create a table for books and put one in.",
'''CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    title VARCHAR(120) NOT NULL,
    pages INTEGER DEFAULT 0
);

INSERT INTO books (id, title, pages) VALUES (1, 'Dry Rivers', 312);''', "A title must be given, the number of pages need not.", 6),
    Snippet("shell", "Back up a folder once a day and delete old copies.",
'''#!/bin/bash
set -euo pipefail
target="/var/backups/site-$(date +%F).tar.gz"
tar -czf "$target" /srv/site
find /var/backups -name 'site-*.tar.gz' -mtime +14 -delete
echo "saved $target"''', "Copies that are older than two weeks go away.", 3),
    Snippet("shell", "How do I set up a virtual environment and install the requirements?",
'''python3 -m venv .venv
source .venv/bin/activate
pip install --upgrade pip
pip install -r requirements.txt''', "The environment lives in the project's own folder.", 2),
    Snippet("json", "Give me a minimal package file.",
'''{
  "name": "weather-cli",
  "version": "0.3.1",
  "private": true,
  "scripts": { "start": "node index.js", "test": "node --test" },
  "dependencies": { "chalk": "^5.3.0" }
}''', "The two scripts start the program and its tests.", 0),
    Snippet("yaml", "Write a compose file with a database.",
'''services:
  web:
    image: nginx:1.27
    ports:
      - "8080:80"
    depends_on:
      - db
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: secret''', "The web server waits for the database.", 0),
    Snippet("html", "Make a small contact form.",
'''<form action="/contact" method="post">
  <label for="mail">Mail</label>
  <input id="mail" name="mail" type="email" required>
  <textarea name="text" rows="4"></textarea>
  <button type="submit">Send</button>
</form>''', "The mail address has to be filled in.", 0),
)  # fmt: skip

_REMARK = {"sql": "-- {}", "html": "<!-- {} -->", "json": "// {}"}
_HASH = ("python", "shell", "yaml")


def _commented(snippet: Snippet) -> str:
    """The code with a remark above one of its lines and one behind it."""
    if snippet.language == "json":
        return snippet.code
    form = "# {}" if snippet.language in _HASH else _REMARK.get(snippet.language, "// {}")
    lines = snippet.code.split("\n")
    at = snippet.split or len(lines) - 1
    margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines.insert(at, margin + form.format("this is where it gets interesting"))
    return "\n".join(lines)


def _fenced(code: str, label: str) -> str:
    return f"```{label}\n{code}\n```"


def originals(snippet: Snippet) -> tuple[str, ...]:
    """Bare; bare between sentences; fenced."""
    return (
        snippet.code,
        f"You can do it like this:\n\n{snippet.code}\n\n{snippet.does}",
        f"{_fenced(snippet.code, snippet.language)}\n\n{snippet.does}",
    )


def rewrites(snippet: Snippet) -> tuple[str, ...]:
    """Fenced and explained; commented; cut in two; quoted again; bare as it was."""
    does, code = snippet.does, snippet.code
    lines = code.split("\n")
    parts = ["\n".join(lines[: snippet.split]), "\n".join(lines[snippet.split :])]
    halves = [_fenced(part, snippet.language) for part in parts if part.strip()]
    quoted = next(line.strip() for line in reversed(lines) if re.search(r"\w{3}", line))
    return (
        f"We solve this directly.\n\n{_fenced(code, snippet.language)}\n\n- {does}\n- Nothing else is needed.",
        f"To begin with, here is the whole of it:\n\n{_fenced(_commented(snippet), snippet.language)}\n\n{does}",
        "The solution has parts.\n\n" + "\n\nAnd after that:\n\n".join(halves) + f"\n\n{does}",
        f"1. The code:\n\n{_fenced(code, '')}\n\n2. {does}\n\nNote the line `{quoted}` near the end.",
        f"The following does what was asked.\n\n{code}\n\n{does}",
    )


def code_cases() -> Iterator[Case]:
    """Every snippet in every form before and after, a faithful rewrite each."""
    for snippet in SNIPPETS:
        for original in originals(snippet):
            for rewritten in rewrites(snippet):
                yield Case(snippet.asked, original, rewritten)


PAIRS: tuple[tuple[str, str, str], ...] = tuple(
    (snippet.asked, originals(snippet)[number % 3], rewrites(snippet)[number % 4])
    for number, snippet in enumerate(SNIPPETS)
)
"""One rewrite a snippet, the forms in turn: (instruction, original, rewritten)."""
