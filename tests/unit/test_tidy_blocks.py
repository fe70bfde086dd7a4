"""Fences, tables and paragraphs: what becomes a block of its own, and what stays a text."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.rewriting.tidy.fences import fences
from realign_local.rewriting.tidy.paragraphs import paragraphs, unwrap
from realign_local.rewriting.tidy.tables import tables
from realign_local.text.code.code_labels import language_of
from realign_local.text.rules import rules

LANGUAGES = rules("code_labels")

CODE: list[tuple[str, str, str]] = [
    (
        "python",
        "Write a function that doubles each number of a list.",
        "def doubled(numbers):\n    return [2 * n for n in numbers]\n\nprint(doubled([1, 2]))",
    ),
    (
        "python",
        "def mean(xs):\n    '''The mean of a list.'''\n",
        "    if not xs:\n        return 0\n\n    total = sum(xs)\n    return total / len(xs)\n",
    ),
    (
        "python",
        "Count the words of a file in Python.",
        "# open the file\nwith open('a.txt') as f:\n    text = f.read()\n# count the words "
        "that are in it\n"
        "print(len(text.split()))",
    ),
    ("python", "Sort a list of names by length in python", "sorted(names, key=len)"),
    (
        "python",
        "Give me a class for a bank account.",
        'class Account:\n    """An account of the bank that is never below zero."""\n\n'
        "    def __init__(self):\n        self.balance = 0\n\n    def add(self, amount):\n"
        "        self.balance += amount",
    ),
    (
        "python",
        "Rewrite the code so that it uses a loop.",
        "total = 0\nfor n in range(10):\n    if n % 2:\n        total += n\nprint(total)",
    ),
    (
        "python",
        "Create a variable that holds the days of the week using Python.",
        'days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]',
    ),
    (
        "javascript",
        "Write a function in JavaScript that reverses a string.",
        "function reverse(text) {\n  return text.split('').reverse().join('');\n}",
    ),
    (
        "javascript",
        "Filter the even numbers of an array.",
        "const even = numbers.filter((n) => n % 2 === 0);\nconsole.log(even);",
    ),
    (
        "javascript",
        "Fetch a page with async code.",
        "async function load(url) {\n  const answer = await fetch(url);\n  // it is read as text\n"
        "  return answer.text();\n}",
    ),
    (
        "typescript",
        "Describe a user as a type in TypeScript.",
        "interface User {\n  id: number;\n  name: string;\n}\n\nconst ann: User = { id: 1, "
        "name: 'Ann' };",
    ),
    (
        "java",
        "Write a Java program that prints the numbers from 1 to 3.",
        "public class Count {\n    public static void main(String[] args) {\n"
        "        for (int i = 1; i <= 3; i++) {\n            System.out.println(i);\n       "
        " }\n    }\n}",
    ),
    (
        "java",
        "Implement a method that returns the larger of two ints in Java.",
        "public static int larger(int a, int b) {\n    return a > b ? a : b;\n}",
    ),
    (
        "csharp",
        "Write a C# program that greets the user.",
        "using System;\n\nclass Program\n{\n    static void Main()\n    {\n"
        '        Console.WriteLine("Name?");\n        var name = Console.ReadLine();\n    }\n}',
    ),
    (
        "csharp",
        "Write a property with a getter and a setter in C#.",
        "public string Name { get; set; }",
    ),
    (
        "c",
        "Write a C program that swaps two numbers.",
        "#include <stdio.h>\n\nvoid swap(int *a, int *b) {\n    int t = *a;\n    *a = *b;\n "
        "   *b = t;\n}",
    ),
    (
        "cpp",
        "Read numbers and print their sum in C++.",
        "#include <iostream>\nusing namespace std;\n\nint main() {\n    int a, b;\n    cin "
        ">> a >> b;\n"
        "    cout << a + b;\n}",
    ),
    (
        "go",
        "Write a Go program that prints a slice.",
        'package main\n\nimport "fmt"\n\nfunc main() {\n\txs := []int{1, 2}\n\tfmt.Println(xs)\n}',
    ),
    (
        "rust",
        "Write a function in Rust that sums a vector.",
        "fn total(xs: &Vec<i32>) -> i32 {\n    let mut sum = 0;\n    for x in xs {\n        "
        "sum += x;\n"
        "    }\n    sum\n}",
    ),
    ("php", "Print the current date in PHP.", '<?php\n$today = date("Y-m-d");\necho $today;\n?>'),
    (
        "ruby",
        "Write a method that checks for palindromes in Ruby.",
        "def palindrome?(word)\n  word == word.reverse\nend\n\nputs palindrome?('level')",
    ),
    (
        "perl",
        "Print all lines that hold an error with a Perl script.",
        "use strict;\nuse warnings;\n\nwhile (my $line = <STDIN>) {\n    print $line if "
        "$line =~ /error/;\n}",
    ),
    (
        "swift",
        "Greet a person in Swift.",
        'func greet(name: String) -> String {\n    return "Hello, \\(name)"\n}\n'
        'print(greet(name: "Ann"))',
    ),
    (
        "kotlin",
        "Sum a list with Kotlin.",
        "fun main() {\n    val xs = listOf(1, 2, 3)\n    println(xs.sum())\n}",
    ),
    (
        "scala",
        "Write a Scala object that prints squares.",
        "object Squares extends App {\n  val xs = List(1, 2, 3)\n  xs.map(x => x * "
        "x).foreach(println)\n}",
    ),
    (
        "dart",
        "Write a small program in Dart.",
        "void main() {\n  var n = 3;\n  print('n is $n');\n}",
    ),
    ("r", "Draw a histogram in R.", "x <- rnorm(100)\nhist(x)\nsummary(x)"),
    (
        "julia",
        "Write the factorial in Julia.",
        "function fact(n::Int64)\n    n == 0 && return 1\n    return n * fact(n - 1)\nend",
    ),
    ("matlab", "Plot a sine in MATLAB.", "x = linspace(0, 2*pi, 100);\ny = sin(x);\nplot(x, y);"),
    (
        "lua",
        "Write a Lua function that adds two numbers.",
        "local function add(a, b)\n  return a + b\nend\n\nprint(add(1, 2))",
    ),
    (
        "haskell",
        "Write quicksort in Haskell.",
        "sort' :: Ord a => [a] -> [a]\nsort' [] = []\nsort' (p:xs) = sort' low ++ [p] ++ "
        "sort' high\n"
        "  where\n    low = filter (< p) xs\n    high = filter (>= p) xs",
    ),
    (
        "ocaml",
        "Sum a list in OCaml.",
        "let rec sum xs =\n  match xs with\n  | [] -> 0\n  | x :: rest -> x + sum rest",
    ),
    (
        "elixir",
        "Write a module in Elixir that adds numbers.",
        "defmodule Sum do\n  def add(a, b) do\n    a + b\n  end\nend",
    ),
    (
        "clojure",
        "Square a number in Clojure.",
        "(defn square [x]\n  (* x x))\n\n(println (square 4))",
    ),
    ("lisp", "Write a function in Common Lisp.", "(defun square (x)\n  (* x x))"),
    (
        "fortran",
        "Print the numbers from 1 to 3 in Fortran.",
        "program count\n  implicit none\n  integer :: i\n  do i = 1, 3\n    print *, i\n  end do\n"
        "end program count",
    ),
    ("pascal", "Write hello world in Pascal.", "program Hello;\nbegin\n  writeln('Hello');\nend."),
    (
        "vb",
        "Write a VBA macro that clears a cell.",
        'Sub ClearIt()\n    Range("A1").Value = ""\nEnd Sub',
    ),
    (
        "powershell",
        "List the large files with PowerShell.",
        "Get-ChildItem -Recurse |\n    Where-Object { $_.Length -gt 1MB } |\n    "
        "Sort-Object Length",
    ),
    (
        "bash",
        "Write a bash script that makes three folders.",
        '#!/bin/bash\n\nfor i in 1 2 3; do\n    mkdir "folder$i"\ndone',
    ),
    ("bash", "Which command shows the free space of a disk on Linux?", "df -h"),
    ("bash", "What is the git command to make a branch and go to it?", "git checkout -b topic"),
    ("bash", "Give me a shell command to find all log files.", 'find . -name "*.log" -type f'),
    (
        "bash",
        "How do I install it on Ubuntu? Answer with the commands.",
        "sudo apt-get update\nsudo apt-get install -y nginx\nsudo systemctl start nginx",
    ),
    (
        "sql",
        "Write a query for the names of all customers from Rome.",
        "SELECT name FROM customers WHERE city = 'Rome';",
    ),
    (
        "sql",
        "Write an SQL query that counts the orders of each customer.",
        "SELECT c.name, COUNT(o.id) AS orders\nFROM customers c\nJOIN orders o ON "
        "o.customer_id = c.id\n"
        "GROUP BY c.name\nORDER BY orders DESC;",
    ),
    (
        "sql",
        "Create a table for books in SQL.",
        "CREATE TABLE books (\n    id INT PRIMARY KEY,\n    title VARCHAR(100) NOT NULL\n);",
    ),
    (
        "sql",
        "select all rows of users, sql",
        "select * from users where age is not null and name in ('a');",
    ),
    (
        "html",
        "Make a page with a heading.",
        "<!DOCTYPE html>\n<html>\n<body>\n<h1>Hello to all of you, and to the world</h1>\n"
        "</body>\n</html>",
    ),
    (
        "xml",
        "Write an XML file for a note.",
        '<?xml version="1.0"?>\n<note>\n  <to>Ann</to>\n  <body>See you at the '
        "lake.</body>\n</note>",
    ),
    (
        "css",
        "Style a button in blue with CSS.",
        ".button {\n  background-color: blue;\n  color: white;\n}",
    ),
    (
        "yaml",
        "Write a docker-compose file for a web server.",
        'services:\n  web:\n    image: nginx\n    ports:\n      - "80:80"',
    ),
    ("toml", "Write a pyproject.toml for a package.", '[project]\nname = "demo"\nversion = "0.1"'),
    (
        "ini",
        "Write a systemd unit file for my program.",
        "[Unit]\nDescription=My program\n\n[Service]\nExecStart=/usr/bin/mine\nRestart=always",
    ),
    (
        "json",
        "Write a package.json for a small project.",
        '{\n  "name": "small",\n  "version": "1.0.0",\n  "scripts": {"start": "node ."}\n}',
    ),
    (
        "dockerfile",
        "Write a Dockerfile for a Python app.",
        "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
        'CMD ["python", "app.py"]',
    ),
    (
        "nginx",
        "Configure nginx as a proxy.",
        "server {\n    listen 80;\n    location / {\n        proxy_pass "
        "http://localhost:3000;\n    }\n}",
    ),
    (
        "hcl",
        "Write a Terraform resource for a bucket.",
        'resource "aws_s3_bucket" "mine" {\n  bucket = "mine"\n}',
    ),
    (
        "diff",
        "Show the change as a diff.",
        "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n-a = 1\n+a = 2\n b = 3",
    ),
    (
        "latex",
        "Write a LaTeX document with one section.",
        "\\documentclass{article}\n\\begin{document}\n\\section{One}\nThis is the text of "
        "it.\n\\end{document}",
    ),
    ("regex", "Write a regular expression for a date such as 2020-01-31.", r"^\d{4}-\d{2}-\d{2}$"),
    (
        "asm",
        "Write hello world in x86 assembly.",
        "section .text\nglobal _start\n_start:\n    mov eax, 4\n    mov ebx, 1\n    int 0x80",
    ),
    (
        "solidity",
        "Write a counter as a smart contract.",
        "pragma solidity ^0.8.0;\n\ncontract Counter {\n    uint256 public count;\n"
        "    function up() public {\n        count += 1;\n    }\n}",
    ),
    (
        "text",
        "Write pseudocode for the largest number of a list.",
        "max <- list[0]\nFOR EACH item IN list\n    IF item > max THEN\n        max <- "
        "item\n    END IF\n"
        "END FOR\nRETURN max",
    ),
    ("excel", "Which formula in Excel sums the first ten cells of column A?", "=SUM(A1:A10)"),
]

NO_CODE: list[tuple[str, str]] = [
    ("What is the capital of France?", "Paris"),
    ("What does this Python code print? print(2 + 3)", "5"),
    ("What is the output of this Python code?\n\nprint([1, 2])", "[1, 2]"),
    ("Which language is this code in?", "Python"),
    ("Explain what the Python function does.", "It returns the sum (or None) of the list."),
    ("Solve for x: 2x = 10", "2x = 10\nx = 10 / 2\nx = 5"),
    ("Find the derivative of the function f(x) = x^2.", "f'(x) = 2x"),
    ("Solve the system.", "x + y = 5\nx - y = 1\nSo 2x = 6 and x = 3, y = 2."),
    ("Add 123 and 989.", "  123\n+ 989\n-----\n 1112"),
    ("What is the area code of Berlin?", "(030)"),
    ("Convert 25 to binary code.", "11001"),
    ("Decode this Morse code.", ".... . .-.. .-.. ---"),
    ("Write a haiku.", "An old silent pond\nA frog jumps into the pond\nSplash! Silence again"),
    (
        "Write a poem for me.",
        "For all the stars,\nif they were mine;\nfor all the nights,\nwhile they may shine:",
    ),
    ("Write lyrics.", "[Verse 1]\nI = you, you = me\n[Chorus]\nLet it be; let it be;"),
    ("Continue the dialogue.", "Ann: Where are you?\nBen: At home.\nAnn: Wait (for me)!"),
    (
        "Write an e-mail.",
        "Subject: Leave\n\nDear Ms. Stone,\n\nI will be away on Monday.\n\nBest,\nAnn",
    ),
    ("List three fruits.", "- apple\n- pear\n- plum"),
    ("List three steps.", "1. Import the goods\n2. Return the form\n3. Print (twice)"),
    ("Make a table.", "| a | b |\n|---|---|\n| 1 | 2 |"),
    ("Give the data.", "Name    Age\nAnn     12\nBen     9"),
    ("Give the answer as JSON.", '{"name": "Ann", "age": 12}'),
    ("Name: Ann. Age?", "Name: Ann\nAge: 12\nCity: Rome"),
    ("Classify the items.", "Fruit: apple, pear\nColor: red, blue"),
    ("How many are left?", "Tom has 5 - 2 = 3 apples.\n#### 3"),
    ("Draw a house.", "   /\\\n  /  \\\n /____\\\n |    |\n |____|"),
    ("Write a play.", "ROMEO\nWho is there? (enters)\n\nJULIET\nIt is I."),
    ("Give a recipe.", "Ingredients:\n2 eggs\n1 cup of milk\n\nMix; bake; eat."),
    ("What is 3 < 5?", "3 < 5 is true"),
    (
        "Schreibe ein Gedicht.",
        "Der Mond ist aufgegangen,\ndie goldnen Sternlein prangen\nam Himmel hell und klar;",
    ),
    ("写一首诗", "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。"),
    ("Напиши стих.", "Мороз и солнце; день чудесный!\nЕще ты дремлешь, друг прелестный"),
    ("Convert to camel case: my name", "myName"),
    ("Prove it.", "Let x = 2.\nThen x^2 = 4.\nHence x > 0."),
    ("Give the coordinates.", "(3, 4)\n(5, 6)\n(7, 8)"),
    ("Give the chords.", "C  G  Am  F\nLet it be, let it be"),
    ("Balance the equation.", "2H2 + O2 -> 2H2O"),
    ("Fill in the form.", "Name: [your name]\nDate: [date]\nSigned: ____"),
    (
        "What does SELECT do?",
        "Select the rows from the table where the name is known, then update it.",
    ),
    ("How do I list files?", "Use the command ls -la to see all of the files in the folder."),
    ("Schedule?", "9:00 - Breakfast\n10:00 - Walk (by the lake)\n12:00 - Lunch"),
    (
        "Write a letter as a template.",
        "Dear <name>,\n\nThank you for <reason>.\n\nYours,\n<sender>",
    ),
    ("What command shows the date?", "The date command shows it."),
    ("Explain loops in Python.", "A loop repeats a block: for each item (say, x) it runs once."),
]


@pytest.mark.parametrize(("label", "request_", "code"), CODE)
def test_bare_code_gets_a_fence_with_its_language(label: str, request_: str, code: str) -> None:
    body = code.strip("\n")
    fenced = fences(code, request_)
    assert fenced == f"```{label}\n{body}\n```"
    assert fences(fenced, request_) == fenced
    assert first_failure(judge(Case(request_, code, fenced))) is None


@pytest.mark.parametrize(("request_", "text"), NO_CODE)
def test_what_is_no_code_stays(request_: str, text: str) -> None:
    assert fences(text, request_) == text
    assert fences(text, "Write it.") == text


def _named(entry: dict[str, object]) -> str:
    names = entry["names"]
    assert isinstance(names, list)
    name = {"c": "C", "r": "R", "go": "Go"}.get(names[0], names[0])
    return f"Write it in {name}." if entry.get("asked") else "Do it."


@pytest.mark.parametrize("key", LANGUAGES)
def test_each_language_is_told_by_its_example(key: str) -> None:
    entry = LANGUAGES[key]
    request_ = _named(entry)
    assert language_of(entry["example"].strip("\n"), request_) == entry.get("label", key)
    for asked in (request_, f"Write it in {entry['names'][0]}."):
        assert fences(entry["counter"], asked) == entry["counter"]


@pytest.mark.parametrize("end", ["This prints 3.", "This", "OK"])
def test_code_among_prose_gets_a_fence_and_the_prose_stays(end: str) -> None:
    code = "def add(a, b):\n    return a + b\n\nprint(add(1, 2))"
    text = f"Sure! Here you go:\n\n{code}\n\n{end}"
    fenced = f"Sure! Here you go:\n\n```python\n{code}\n```\n\n{end}"
    assert fences(text, "Write a Python function.") == fenced


@pytest.mark.parametrize(
    ("before", "code", "after", "label"),
    [
        ("Install it with pip:\n\n", "pip install numpy", "\n\nThen import it.", "bash"),
        ("Run this:\n", "git checkout -b topic", "", "bash"),
        ("You can join the two:\n\n", "SELECT a.x\nFROM a\nJOIN b ON a.id = b.id;", "", "sql"),
        ("代码如下：\n\n", "def f(x):\n    return x", "\n\n完成。", "python"),
        ("Вот код:\n\n", "def f(x):\n    return x", "\n\nВот и всё.", "python"),
        ("Here it is:\n\n", '{\n  "a": 1,\n  "b": [1, 2]\n}', "\n\nThat is all.", "json"),
        ("", "for i in range(3):\n    print(i)", "\n\nOutput:\n0\n1\n2", "python"),
        ("Create it:\n\n", "services:\n  web:\n    image: nginx", "\n\nStart it.", "yaml"),
    ],
)
def test_a_block_of_code(before: str, code: str, after: str, label: str) -> None:
    text, request_ = before + code + after, "How do I do it with docker-compose?"
    fenced = fences(text, request_)
    assert fenced == f"{before}```{label}\n{code}\n```{after}"
    assert fences(fenced, request_) == fenced


def test_a_docstring_with_sections_is_not_cut() -> None:
    code = (
        'def f(x):\n    """Twice the number.\n\n    Args:\n        x: The number.\n\n    Returns:\n'
        '        The result of it.\n    """\n    return 2 * x'
    )
    fenced = fences(f"Here you go:\n\n{code}\n\nOutput:\n\n4", "Write it in Python.")
    assert fenced == f"Here you go:\n\n```python\n{code}\n```\n\nOutput:\n\n4"


def test_a_block_in_a_list_item_keeps_the_margin_of_the_item() -> None:
    text = "- Install it:\n  pip install x\n  pip install y\n- Run it."
    fenced = "- Install it:\n  ```bash\n  pip install x\n  pip install y\n  ```\n- Run it."
    assert fences(text, "How?") == fenced


@pytest.mark.parametrize(
    "text",
    [
        "Undo it:\n\n    git reset --soft HEAD~1\n\nThe changes stay.",  # a block already
        "Write it in LaTeX:\n\n\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}\n\nand compile.",
        "Step 1: include the header\n#include <stdio.h>\nStep 2: write main\nint main() { "
        "return 0; }",
        "1. Look:\ngit log\n2. Reset:\ngit reset --hard HEAD~1\n3. Done.",
        "First define it.\n\nx = 5\n\nThen use it.",
    ],
)
def test_what_could_be_cut_wrongly_stays(text: str) -> None:
    assert fences(text, "Write C code.") == text


def test_no_line_of_the_code_is_left_outside() -> None:
    text = "BEGIN_NAME_SPACE\n\n  template<typename T>\n    struct A;\n\n  struct B;"
    assert fences(text, "Do it.") == text


def test_a_fence_without_a_label_gets_the_sure_one() -> None:
    text = "```\ndef f(x):\n    return x\n```\n\nOutput:\n\n```\n3\n```\n\n```java\nx = 1\n```"
    assert fences(text, "Write Python.") == text.replace("```\ndef", "```python\ndef")


def test_a_fence_that_is_never_closed_gets_no_label() -> None:
    text = "```\ndef f(x):\n    return x"
    assert fences(text, "Write Python.") == text


def test_line_ends_and_fences_in_code_are_kept() -> None:
    windows = "def f(x):\r\n    return x\r\n"
    assert fences(windows, "x") == "```python\r\ndef f(x):\r\n    return x\r\n```"


@pytest.mark.parametrize(
    ("text", "table"),
    [
        (
            "Name    Age\nAnn     12\nBen      9",
            "| Name | Age |\n| --- | --- |\n| Ann | 12 |\n| Ben | 9 |",
        ),
        (
            "Here:\nCountry\tCapital\nFrance\tParis\nItaly\tRome\nThat is all there is to say.",
            "Here:\n\n| Country | Capital |\n| --- | --- |\n| France | Paris |\n| Italy | "
            "Rome |\n\n"
            "That is all there is to say.",
        ),
        (
            "| Fruit | Price |\n| Apple | $1 |\n| Pear | $2 |\n| Plum | $3 |",
            "| Fruit | Price |\n| --- | --- |\n| Apple | $1 |\n| Pear | $2 |\n| Plum | $3 |",
        ),
        (
            "Tool | Use\n----------\nSaw | cuts wood\nAwl | makes holes",
            "| Tool | Use |\n| --- | --- |\n| Saw | cuts wood |\n| Awl | makes holes |",
        ),
        (
            "Metal   Melts at\n-----   --------\nIron    1538 C\nTin     232 C",
            "| Metal | Melts at |\n| --- | --- |\n| Iron | 1538 C |\n| Tin | 232 C |",
        ),
    ],
)
def test_columns_under_a_header_become_a_table(text: str, table: str) -> None:
    assert tables(text, "Make a list.") == table
    assert tables(table, "Make a list.") == table


@pytest.mark.parametrize(
    "text",
    [
        "Ann     12\nBen      9\nCleo    14",  # no header
        "Name    Age\nAnn     12",  # two rows
        "Name    Age\nAnn     12\nBen",  # a cell is gone
        "  123\n+ 989\n-----\n 1112",
        " X | O | X\n O | X | O\n X | O | X",
        "r  n  b  q\np  p  p  p\nP  P  P  P",
        "  /\\  /\\\n /  \\/  \\\n/________\\",
        "|1|7|5|\n|9|2|8|\n|8|3|4|",
        "Roses are red,  my dear\nViolets are blue,  my love\nSugar is sweet,  my own",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "a | b\n--- | ---\n1 | 2\n3 | 4",
        "```\nName    Age\nAnn     12\nBen      9\n```",
        "Name:    Ann\nAge:     12\nCity:    Rome",
        "C  G  Am  F\nLet it be\nC  G  F  C\nLet it be",
        "Mon    8-17\nTue    9-17\nWed    9-12",
        "Player  unknown\nAnn  12\nBen  9",
    ],
)
def test_what_is_no_table_stays(text: str) -> None:
    assert tables(text, "Do it.") == text


WALL = (
    "Solar panels have become much cheaper over the last ten years, and many house owners think of "
    "buying some. They turn light into current without noise or smoke. This saves a good "
    "part of the "
    "bill of a family in most months of the year. However, the panels give little in "
    "winter, when the "
    "days are short and the sky is often grey. It is then that a house needs most of its energy. "
    "Another point is the cost of a battery, which can be as high as that of the panels. "
    "Without one "
    "the current of the day cannot be used at night. On the other hand, what is left over "
    "can be sold "
    "to the grid at a fixed price. That makes up for a part of the cost, though not for all "
    "of it in "
    "most regions of the country."
)


def test_a_wall_of_text_is_parted_at_its_turns() -> None:
    parted = paragraphs(WALL, "Are solar panels worth it?")
    begins = [part.split()[0] for part in parted.split("\n\n")]
    assert begins == ["Solar", "However,", "Another"]
    assert parted.split() == WALL.split()
    assert paragraphs(parted, "Are solar panels worth it?") == parted


@pytest.mark.parametrize(
    "request_",
    [
        "Write a paragraph on solar panels.",
        "Summarize the text.",
        "Write a story.",
        "Translate it.",
    ],
)
def test_a_request_for_one_paragraph_keeps_it(request_: str) -> None:
    assert paragraphs(WALL, request_) == WALL


def test_paragraphs_that_have_no_turn_or_are_short_stay() -> None:
    leaning = " ".join(["It is what they said of it in all of the towns near the sea."] * 12)
    assert paragraphs(leaning, "x") == leaning
    assert paragraphs(WALL[:500], "x") == WALL[:500]
    assert paragraphs("- " + WALL, "x") == "- " + WALL


def test_no_border_lies_in_a_quotation() -> None:
    quoted = WALL.replace("However,", '"However,').replace("its energy.", 'its energy."')
    quoted = quoted.replace("This saves", '"This saves').replace("the year.", 'the year."')
    parts = paragraphs(quoted, "x").split("\n\n")
    assert len(parts) > 1
    assert all(part.count('"') % 2 == 0 for part in parts)


PARAGRAPH_HABITS = rules("tidy/paragraphs")


@pytest.mark.parametrize("language", PARAGRAPH_HABITS)
def test_the_turns_of_each_language(language: str) -> None:
    entry = PARAGRAPH_HABITS[language]
    begins = [
        any(text.startswith(turn) for turn in entry["turns"])
        for text in (entry["example"], entry["counter"])
    ]
    assert begins == [True, False]
    assert not {*entry["turns"]} & {*entry["leans"]}


WRAPPED = (
    "The harbour of the town was built about two hundred years ago by a company that\n"
    "hoped to trade with the islands in the west. It was never as busy as its owners\n"
    "had hoped, because the water at its mouth was too shallow for the larger ships\n"
    "of the time.\n\nToday it is used by a few fishing boats."
)


def test_wrapped_lines_are_joined() -> None:
    whole = unwrap(WRAPPED, "Tell me about the harbour.")
    assert whole.split("\n\n")[0].count("\n") == 0
    assert whole.split() == WRAPPED.split()
    assert unwrap(whole, "x") == whole


@pytest.mark.parametrize(
    "text",
    [
        "Shall I compare thee to a summer's day, my own and ever dearest friend of mine?\n"
        "Thou art more lovely and more temperate.\nRough winds do shake the buds of May,\n"
        "And summer's lease hath all too short a date.",
        WRAPPED.replace("\n", "  \n"),
        WRAPPED.replace("\nhoped", "\n- hoped"),
    ],
)
def test_lines_that_are_meant_stay(text: str) -> None:
    assert unwrap(text, "x") == text
