"""python3 -m blog.fill FILE: the database with its one post."""
import sqlite3
import sys

with sqlite3.connect(sys.argv[1]) as database:
    database.execute('CREATE TABLE post (id INTEGER PRIMARY KEY, words TEXT)')
    database.execute("INSERT INTO post (words) VALUES ('a coating of Varnish')")
