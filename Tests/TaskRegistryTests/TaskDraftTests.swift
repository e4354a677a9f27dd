import Foundation
import Support
import TaskRegistry
import TestSupport
import Testing

/// Tasks made of tables that people have.
@Suite struct TaskDraftTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  /// The definition of a table, read back with its splits.
  private func task(_ file: String, _ text: String, _ wishes: TaskDraft.Wishes = .init()) throws -> TaskDefinition {
    let draft = try TaskDraft(table: folder.write(file, text), wishes)
    let path = try folder.write("\(draft.name).yaml", draft.yaml)
    return try TaskCatalog(directories: [path]).task(named: draft.name)
  }

  private func error(_ file: String, _ text: String, _ wishes: TaskDraft.Wishes = .init()) throws -> GraftError? {
    let path = try folder.write(file, text)
    return #expect(throws: GraftError.self) { try TaskDraft(table: path, wishes) }
  }

  private static let tickets = (0..<50).map { row in
    "\(row),\"Where is my order, number \(row)?\",\(row % 2 == 0 ? "delivery" : "payment"),2026-11-\(10 + row % 20)"
  }.joined(separator: "\n")

  /// As pandas writes it: a counter without a name, quoted texts, a date.
  @Test func aTableOfPandas() throws {
    let task = try task("Tickets 2026.csv", ",text,queue,date\n\(Self.tickets)\n", .init(label: "queue"))
    #expect(task.name == "tickets-2026" && task.choices == ["delivery", "payment"])
    let (train, test) = (
      try task.examples(split: "train", data: .init()), try task.examples(split: "test", data: .init())
    )
    #expect(train.count + test.count == 50 && (4...18).contains(test.count))
    #expect(train[0].inputs.hasPrefix("tickets-2026 text: Where is my order, number "))
    #expect(Set(train.map(\.targets)) == ["delivery", "payment"])
    #expect(Set(train.map(\.inputs)).isDisjoint(with: test.map(\.inputs)))
  }

  @Test func theAnswerIsFoundByNameOrByItsFewValues() throws {
    let rows = (0..<20).map { "a text of row \($0)\t\($0 % 3)\tc\($0)" }.joined(separator: "\n")
    #expect(try task("named.tsv", "text\tLabel\tcode\n\(rows)\n").choices == ["0", "1", "2"])
    #expect(try task("few.tsv", "text\tmood\tcode\n\(rows)\n").choices == ["0", "1", "2"])
    let both = (0..<20).map { "a text of row \($0)\t\($0 % 3)\t\($0 % 2)" }.joined(separator: "\n")
    let unclear = try error("unclear.tsv", "text\tmood\tplace\n\(both)\n")
    #expect(unclear?.code == .usage && unclear?.hint?.contains("'mood' (3 different), 'place' (2 different)") == true)
  }

  @Test func twoTextsAndJSON() throws {
    let rows = (0..<20).map { row in
      #"{"premise": "a man of \#(row) years sleeps", "hypothesis": "he \#(row) is awake", "gold": \#(row % 2 == 0), "id": \#(row)}"#
    }
    let task = try task("pairs.jsonl", rows.joined(separator: "\n"))
    #expect(task.choices?.sorted() == ["false", "true"])
    let first = try #require(try task.examples(split: "train", data: .init()).first)
    #expect(first.inputs.contains("pairs premise: a man of ") && first.inputs.contains("hypothesis: he "))
    #expect(!first.inputs.contains("id"))
  }

  /// Sixty claims with five rows each: a claim of the test is in no training row.
  @Test func aTextOfManyRowsStaysTogether() throws {
    let rows = (0..<300).map { "some evidence, number \($0)\tthe claim of number \($0 % 60)\t\($0 % 2)" }
    let table = "evidence\tclaim\tlabel\n\(rows.joined(separator: "\n"))\n"
    let draft = try TaskDraft(table: folder.write("claims.tsv", table))
    #expect(draft.reasons[2].contains("by 'claim', which many share (60 different)"))
    let task = try task("claims.tsv", table)
    func claims(_ split: String) throws -> Set<Substring> {
      try Set(
        task.examples(split: split, data: .init()).compactMap { $0.inputs.split(separator: "claim: ").last })
    }
    let (train, test) = (try claims("train"), try claims("test"))
    #expect(train.count + test.count == 60 && train.isDisjoint(with: test) && !test.isEmpty)
  }

  @Test func manyNumbersAreAnAmount() throws {
    let rows = (0..<40).map { "a text of row \($0)\t\(Double($0) / 7)" }.joined(separator: "\n")
    let task = try task("stars.tsv", "review\tscore\n\(rows)\n")
    #expect(task.choices == nil && task.dataSet.metricNames.contains("pearson"))
  }

  /// Two columns of sentences, as of a translation: whichever is named is what the model writes.
  @Test func anAnswerMayBeAText() throws {
    let rows = (0..<40).map { "I am \($0) years old.\tIch bin \($0) Jahre alt." }.joined(separator: "\n")
    let table = "english\tgerman\n\(rows)\n"
    #expect(try error("unclear.tsv", table)?.hint?.contains("a text to be written") == true)
    let task = try task("sentences.tsv", table, .init(label: "german"))
    #expect(task.choices == nil && task.dataSet.metricNames == ["bleu", "chrf"])
    let first = try #require(try task.examples(split: "train", data: .init()).first)
    #expect(first.inputs.hasPrefix("sentences english: I am ") && first.targets.hasSuffix(" Jahre alt."))
    // A sentence for a class is one, if it is one of a few.
    let few = (0..<40).map { "a text of row \($0)\t\($0 % 2 == 0 ? "this is good" : "this is bad")" }
    #expect(
      try self.task("few.tsv", "text\tlabel\n\(few.joined(separator: "\n"))\n").choices?.sorted()
        == ["this is bad", "this is good"])
  }

  @Test func rowsWithoutAnAnswerAreLeftOut() throws {
    let rows = (0..<30).map { "a text of row \($0)\t\($0 < 10 ? "" : $0 % 2 == 0 ? "yes" : "no")" }
    let draft = try TaskDraft(table: folder.write("half.tsv", "text\tlabel\n\(rows.joined(separator: "\n"))\n"))
    #expect(draft.reasons[2].hasPrefix("20 rows, 10 more without an answer are left out"))
    let task = try task("half.tsv", "text\tlabel\n\(rows.joined(separator: "\n"))\n")
    #expect(
      try task.examples(split: "train", data: .init()).count + task.examples(split: "test", data: .init()).count == 20)
  }

  /// Names and answers that mean something in YAML.
  @Test func oddNamesStayWhatTheyAre() throws {
    let rows = (0..<30).map { "a text: of # row \($0)\t\($0 % 2 == 0 ? "no" : "null, or: {x}")" }
    let task = try task(
      "odd.tsv", "the text [en]\t# answer\n\(rows.joined(separator: "\n"))\n", .init(label: "# answer"))
    #expect(task.choices?.sorted() == ["no", "null, or: (x)"])
    #expect(try Set(task.examples(split: "test", data: .init()).map(\.targets)) == ["no", "null, or: (x)"])
    #expect(try task.examples(split: "train", data: .init())[0].inputs.contains("the_text_en: a text: of # row"))
  }

  @Test func whatCannotBeATaskIsSaid() throws {
    #expect(try error("one.csv", "text\na\nb\n")?.message.contains("1 named column") == true)
    #expect(try error("empty.csv", "text,label\n")?.message.contains("has no rows") == true)
    #expect(try error("table.xlsx", "PK")?.hint?.contains(".tsv, .csv, .jsonl or .json") == true)
    let same = (0..<9).map { "a text of row \($0)\tyes" }.joined(separator: "\n")
    #expect(try error("same.tsv", "text\tlabel\n\(same)\n")?.message.contains("has 1 different values") == true)
    let wrong = try error("wrong.tsv", "text\tlabel\n\(same)\n", .init(label: "lable"))
    #expect("\(wrong?.hint ?? "")".contains("label"))
  }

  /// Runs below a folder of definitions keep copies of them, and recipes, which are no definitions of the folder's.
  @Test func whatRunsKeepIsTheirs() throws {
    let rows = (0..<20).map { "a text of row \($0)\t\($0 % 2)" }.joined(separator: "\n")
    let draft = try TaskDraft(table: folder.write("mine.tsv", "text\tlabel\n\(rows)\n"))
    try folder.write("mine.yaml", draft.yaml)
    for run in ["runs/mine", "runs/several/seed-0"] {
      try folder.write("\(run)/run.json", "{}")
      try folder.write("\(run)/tasks/mine.yaml", draft.yaml)
      try folder.write("\(run)/recipe.yaml", "steps: 3\n")
    }
    #expect(try TaskCatalog(directories: [folder.path]).taskNames == ["mine"])
    // A run that is named is looked into.
    #expect(try TaskCatalog(directories: ["\(folder.path)/runs/mine/tasks"]).taskNames == ["mine"])
  }

  /// Names of classes as `datasets` writes them; of 60 rows six have no label.
  @Test func parquetWithNamesOfClasses() throws {
    let fixture = RealData.package.appendingPathComponent("Tests/Fixtures/parquet/classes.parquet")
    let path = "\(folder.path)/reviews.parquet"
    try FileManager.default.copyItem(atPath: fixture.path, toPath: path)
    let draft = try TaskDraft(table: path)
    #expect(draft.reasons[0] == "answer: column 'label', 2 classes: bad (30), good (24)")
    let task = try TaskCatalog(directories: [folder.write("reviews.yaml", draft.yaml)]).task(named: "reviews")
    #expect(task.choices == ["bad", "good"])
    let examples = try ["train", "test"].flatMap { try task.examples(split: $0, data: .init()) }
    #expect(examples.count == 54 && examples.count { $0.targets == "good" } == 24)
    let first = try #require(examples.first)
    #expect(first.inputs.hasPrefix("reviews text: a review of the film number "))
  }

  /// What is left out is found by the field, whatever its column is called.
  @Test func rowsAreLeftOutByTheFieldNotTheColumn() throws {
    let rows = (0..<30).map { "text number \($0)\t\($0 % 3 == 0 ? "" : $0 % 3 == 1 ? "a" : "b")" }
    let task = try task("gaps.tsv", "text\tqueue\n\(rows.joined(separator: "\n"))\n", .init(label: "queue"))
    let examples = try ["train", "test"].flatMap { try task.examples(split: $0, data: .init()) }
    #expect(examples.count == 20)
  }

  @Test func aFileThatIsOnlyCalledParquet() throws {
    let failure = try error("a.parquet", "text\tlabel\n")
    #expect(failure?.code == .badData && failure?.message == "the file is not Parquet", "\(failure?.description ?? "")")
  }
}
