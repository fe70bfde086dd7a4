"""The examples of code that several tests look at."""

from __future__ import annotations

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
