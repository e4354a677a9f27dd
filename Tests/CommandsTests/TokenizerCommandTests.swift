import Foundation
import Support
import TestSupport
import Testing

@Suite(.tags(.process)) struct TokenizerCommandTests {
  private static let text = String(repeating: "the cat sat on the mat, the hat and that cat\n", count: 30)

  private func trained(_ folder: TestFolder, _ name: String = "t.json", _ extra: String...) throws -> String {
    let path = "\(folder.path)/\(name)"
    let outcome = try Graft.run(
      [
        "tokenizer", "train", "--corpus", "-", "--output", path, "--vocabulary-size", "290", "--sentinels",
        "4",
      ]
        + extra, input: Self.text)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return path
  }

  @Test func standardInputTrainsLikeAFile() throws {
    let folder = try TestFolder()
    try folder.write("text.txt", Self.text)
    let fromInput = try trained(folder)
    let fromFile = "\(folder.path)/file.json"
    let outcome = try Graft.run(
      ["tokenizer", "train", "--corpus", "\(folder.path)/text.txt", "--output", fromFile]
        + ["--vocabulary-size", "290", "--sentinels", "4", "--threads", "1"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try FileContents.read(fromInput) == FileContents.read(fromFile))
  }

  @Test func inspectShowsMergesCutsAndWhatIsUnused() throws {
    let folder = try TestFolder()
    let tokenizer = try trained(folder)
    try folder.write("text.txt", Self.text)
    let outcome = try Graft.run(
      ["tokenizer", "inspect", tokenizer, "--text", "the cat", "--merges", "2", "--unused", "3"]
        + ["--corpus", "\(folder.path)/text.txt"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for part in [
      "pattern        gpt2", "1      a + t = at", "the Ġcat", "tokens/word    1.", "unused         ",
      "0 words",
    ] {
      #expect(
        part == "0 words" ? !outcome.output.contains(" 0 words") : outcome.output.contains(part),
        "\(outcome.output)")
    }
  }

  @Test func encodeShowsOffsetsAndTakesAWholeText() throws {
    let folder = try TestFolder()
    let tokenizer = try trained(folder)
    let located = try Graft.run(["tokenizer", "encode", "--tokenizer", tokenizer, "--offsets", "the cat"])
    #expect(located.output.split(separator: "\n").map { $0.split(separator: "\t")[1] } == ["0-3", "3-7"])
    let whole = try Graft.run(
      ["tokenizer", "encode", "--tokenizer", tokenizer, "--whole"], input: "the\ncat\n")
    let argument = try Graft.run(["tokenizer", "encode", "--tokenizer", tokenizer, "the\ncat\n"])
    #expect(whole.output == argument.output)
    #expect(whole.output.split(separator: "\n").count == 1)
    let both = try Graft.run(["tokenizer", "encode", "--tokenizer", tokenizer, "--whole", "text"])
    #expect(both.status == 64 && both.errors.contains("--whole"))
  }

  @Test func dropoutRepeatsWithItsSeed() throws {
    let folder = try TestFolder()
    let tokenizer = try trained(folder)
    func encode(_ extra: String...) throws -> String {
      try Graft.run(["tokenizer", "encode", "--tokenizer", tokenizer, "the cat sat on the mat"] + extra)
        .output
    }
    #expect(try encode("--dropout", "0.5") == encode("--dropout", "0.5"))
    #expect(try encode("--dropout", "0.5") != encode("--dropout", "0.5", "--seed", "1"))
    #expect(try encode("--dropout", "0") == encode())
    try Graft.expectFailure(
      64, ["tokenizer", "encode", "--tokenizer", tokenizer, "--dropout", "2", "a"], says: ["dropout"],
      hint: false)
  }

  @Test func compareCountsBothTokenizers() throws {
    let folder = try TestFolder()
    try folder.write("text.txt", Self.text)
    let (first, second) = (try trained(folder), try trained(folder, "c.json", "--unit", "character"))
    let outcome = try Graft.run(
      ["tokenizer", "compare", first, second, "--corpus", "\(folder.path)/text.txt"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for part in ["byte-level-bpe", "word-level", "tokens/byte", "unknown"] {
      #expect(outcome.output.contains(part), "\(outcome.output)")
    }
  }

  @Test func exportAndImportAreInverse() throws {
    let folder = try TestFolder()
    let tokenizer = try trained(folder)
    let outcome = try Graft.run([
      "tokenizer", "export", "--tokenizer", tokenizer, "--output", "\(folder.path)/old",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = "the cat sat"
    func encode(_ path: String) throws -> String {
      try Graft.run(["tokenizer", "encode", "--tokens", "--tokenizer", path, text]).output
    }
    #expect(try encode("\(folder.path)/old") == encode(tokenizer))
  }

  @Test func optionsThatFitNoVocabulary() throws {
    let folder = try TestFolder()
    try folder.write("text.txt", Self.text)
    let train = [
      "tokenizer", "train", "--corpus", "\(folder.path)/text.txt", "--output", "\(folder.path)/t.json",
    ]
    try Graft.expectFailure(64, train + ["--vocabulary-size", "100"], says: ["too small", "256 bytes"])
    try Graft.expectFailure(64, train + ["--memory", "10k"], says: ["too little"])
    try Graft.expectFailure(64, train + ["--special", "<pad>"], says: ["<pad>"])
    for (flag, value) in [("--memory", "much"), ("--unit", "syllable"), ("--pattern", "gpt9")] {
      let outcome = try Graft.run(train + [flag, value])
      #expect(outcome.status == 64 && outcome.errors.contains(flag), "\(outcome.errors)")
    }
  }

  @Test func benchmarkPrintsItsFigures() throws {
    struct Report: Decodable {
      struct Training: Decodable { var megabytesPerSecond: Double }
      struct Encoding: Decodable { var oneThreadMegabytesPerSecond, allThreadsMegabytesPerSecond: Double }
      var train: Training
      var encode: Encoding
      var tokensPerByte: Double
      var peakMemoryBytes: Int
      var lines: Int
    }
    let folder = try TestFolder()
    try folder.write("text.txt", Self.text)
    let outcome = try Graft.run(
      ["benchmark", "tokenizer", "\(folder.path)/text.txt", "--vocabulary-size", "400", "--rounds", "1"]
        + ["--lines", "2", "--json", "-"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(report.train.megabytesPerSecond > 0 && report.encode.oneThreadMegabytesPerSecond > 0)
    #expect(report.encode.allThreadsMegabytesPerSecond > 0 && report.peakMemoryBytes > 1 << 20)
    #expect(report.tokensPerByte > 0.05 && report.tokensPerByte < 1)
    #expect(report.lines == 2)
  }

  @Test func aCorpusOfTheDataFolderIsFoundByItsName() throws {
    let folder = try TestFolder()
    try folder.write("data/novels/a.txt", Self.text)
    let outcome = try Graft.run([
      "tokenizer", "train", "--corpus", "novels", "--vocabulary-size", "400", "--data", "\(folder.path)/data",
      "--output", "\(folder.path)/t.json",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("note: 'novels' is read from the data folder"), "\(outcome.errors)")
  }
}
