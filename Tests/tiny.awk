# Prints a regular expression for `swift test --skip`: every suite, and every test of another suite, that has
# one of the tags of Tests/TestSupport/Tags.swift. `swift test` knows no tags itself.
#
# A suite is `@Suite(…, .tags(.slow)) struct NameTests`, a test `@Test(…, .tags(.slow), …) func name`; attribute and
# name may stand on several lines.

function add(name) { all = all (all == "" ? "" : "|") name }

FNR == 1 { split(FILENAME, path, "/"); target = path[2]; suite = ""; waiting = "" }

/^ *@Suite/ { waiting = "suite"; isTagged = 0 }
/^ *@Test/ { waiting = "test"; isTagged = 0 }
waiting != "" && /\.tags\(/ { isTagged = 1 }

waiting == "suite" && match($0, /struct [A-Za-z0-9_]+/) {
  suite = substr($0, RSTART + 7, RLENGTH - 7)
  if (isTagged) add(target "\\." suite "/")
  waiting = ""
}

waiting == "test" && match($0, /func [A-Za-z0-9_]+/) {
  if (isTagged) add(target "\\." suite "/" substr($0, RSTART + 5, RLENGTH - 5) "\\(")
  waiting = ""
}

END { print "^(" all ")" }
