import Foundation
import TestSupport
import Testing

@testable import Corpus
@testable import Support

/// What a corpus file holds is told by its beginning, whatever its name.
@Suite struct DocumentFormTests {
  private static let texts = ["One text.", "Another é \"text\".", "A third, with\na line feed."]

  private static func line(_ text: String, _ field: String = "text") -> String {
    "{\"url\": \"x\", \"\(field)\": \(text.jsonLiteral), \"n\": [1, {\"a\": \"}\"}]}"
  }

  private func documents(
    _ name: String, _ bytes: [UInt8], _ options: CorpusOptions = CorpusOptions()
  ) throws -> (texts: [String], notices: [String]) {
    let folder = try TestFolder()
    let path = try folder.write(name, bytes)
    let read = try Notices.collecting {
      var found: [String] = []
      try DocumentReader(path: path, options: options).forEachPiece { piece in
        found.append(String(decoding: piece.bytes, as: UTF8.self))
      }
      return found
    }
    return (read.result, read.notices)
  }

  static let forms: [(name: String, text: String, note: String?)] = [
    ("a.json", texts.map { line($0) }.joined(separator: "\n"), "JSON lines"),
    ("a.00000.json", texts.map { line($0) }.joined(separator: "\r\n") + "\n", "JSON lines"),
    ("noending", texts.map { line($0) }.joined(separator: "\n"), "JSON lines"),
    ("a.txt", texts.map { line($0) }.joined(separator: "\n\n"), "JSON lines"),
    ("a.jsonlines", texts.map { line($0) }.joined(separator: "\n"), nil),
    ("a.jsonl", texts.map { line($0) }.joined(separator: "\n"), nil),
    ("array.json", "[" + texts.map { line($0) }.joined(separator: ",\n ") + "]\n", "JSON,"),
    ("a.jsonl", "[" + texts.map { line($0) }.joined(separator: ", ") + "]", "JSON,"),
    ("strings.json", "[" + texts.map(\.jsonLiteral).joined(separator: ", ") + "]", "JSON,"),
    (
      "pretty.json",
      texts.map { line($0).replacingOccurrences(of: ", \"", with: ",\n \"") }.joined(separator: "\n"), "JSON,"
    ),
    (
      "a.csv",
      "id,text\n" + texts.map { "1,\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\"\n" }.joined(),
      "CSV"
    ),
    (
      "table",
      "id,text\n" + texts.map { "1,\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\"\n" }.joined(),
      "CSV"
    ),
  ]

  @Test(arguments: forms.indices) func told(_ index: Int) throws {
    let form = Self.forms[index]
    // The pretty one has line feeds in the middle of its texts only where JSON escapes them.
    let expected = Self.texts
    let found = try documents(form.name, Array(form.text.utf8))
    if form.name == "pretty.json" {
      #expect(found.texts.count == 3)
    } else {
      #expect(found.texts == expected, "\(form.name)")
    }
    #expect(found.notices.count == (form.note == nil ? 0 : 1), "\(found.notices)")
    if let note = form.note { #expect(found.notices[0].contains("read as \(note)"), "\(found.notices)") }
  }

  @Test func tabs() throws {
    let found = try documents("x.data", Array("text\tid\none \"text\t1\ntwo\t2\n".utf8))
    #expect(found.texts == ["one \"text", "two"])
  }

  /// Plain text stays plain text, whatever bracket it begins with.
  @Test(arguments: [
    "[Illustration]\nOnce upon a time.", "{{Infobox}} A text.", "{} nothing", "\"Quoted,\" she said.",
    "[1, 2]",
    "[\"Yes\" was all]", "A text, and more.\nA line.", "{\"a\": 1 and no JSON", "",
  ])
  func plainText(_ text: String) throws {
    let found = try documents("a.txt", Array(text.utf8))
    #expect(found.texts.joined() == text && found.notices.isEmpty, "\(found)")
  }

  @Test func formatIsObeyed() throws {
    var options = CorpusOptions()
    options.format = .text
    let text = Self.line("x")
    #expect(try documents("a.jsonl", Array(text.utf8), options).texts == [text])
    options.format = .jsonLines
    #expect(try documents("a.txt", Array(text.utf8), options).texts == ["x"])
  }

  @Test func missingFieldsAreNamed() throws {
    for text in [Self.line("x", "content"), "[\(Self.line("x", "content"))]"] {
      let error = #expect(throws: GraftError.self) { try documents("a.json", Array(text.utf8)) }
      #expect(
        error?.code == .badData && error?.hint?.contains("url, content, n") == true,
        "\(String(describing: error))")
    }
    let table = #expect(throws: GraftError.self) { try documents("a.csv", Array("id,body\n1,x\n".utf8)) }
    #expect(table?.hint?.contains("body, id") == true)
    let row = #expect(throws: GraftError.self) { try documents("a.csv", Array("id,text\n1,x, y\n".utf8)) }
    #expect(row?.location?.line == 2)
  }

  @Test func arraysThatDoNotEnd() throws {
    #expect(throws: GraftError.self) { try documents("a.json", Array("[\(Self.line("x")),".utf8)) }
    #expect(throws: GraftError.self) { try documents("a.json", Array("[\(Self.line("x")), {\"text".utf8)) }
  }

  @Test(arguments: [String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf8])
  func otherForms(_ encoding: String.Encoding) throws {
    for mark in ["", "\u{FEFF}"] {
      let text = "Ein Text mit Umlauten: äöü 𝄞.\nNoch eine Zeile.\n"
      let found = try documents("a.txt", [UInt8](try #require((mark + text).data(using: encoding))))
      #expect(found.texts.joined() == text)
      #expect(found.notices.count == (encoding == .utf8 ? 0 : 1))
    }
  }

  @Test func containers() throws {
    let error = #expect(throws: GraftError.self) {
      try documents("a.txt", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 1, 2])
    }
    #expect(error?.hint?.contains("xz -dc") == true)
  }

  @Test func foldersSayWhatTheyLeaveOut() throws {
    let folder = try TestFolder()
    for name in ["a.txt", "readme_novel.txt", "README", "readme.md", ".hidden", "sub/b.txt"] {
      try folder.write(name, "text\n")
    }
    try folder.write("c.bin", [1, 2, 0, 3])
    let files = FileManager.default
    try files.createSymbolicLink(atPath: "\(folder.path)/loop", withDestinationPath: folder.path)
    try files.createSymbolicLink(atPath: "\(folder.path)/gone.txt", withDestinationPath: "nowhere")
    try files.createSymbolicLink(atPath: "\(folder.path)/linked.txt", withDestinationPath: "a.txt")
    let (found, notices) = try Notices.collecting { try CorpusFiles.expand([folder.path]) }
    #expect(
      found.map { String($0.dropFirst(folder.path.count + 1)) }
        == ["a.txt", "linked.txt", "readme_novel.txt", "sub/b.txt"])
    #expect(notices.count == 1)
    #expect(notices.first?.contains("4 files read, 6 left out") == true, "\(notices)")
    #expect(notices.first?.contains("README (a README)") == true, "\(notices)")
  }

  /// A run that is written into the folder of its texts does not change them, from its first file on.
  @Test func aRunIsNoText() throws {
    let folder = try TestFolder()
    try folder.write("a.txt", "text\n")
    try folder.write("lock/lock", "a text of locks\n")
    let texts = try Notices.collecting { try CorpusFiles.expand([folder.path]) }.0
    #expect(texts.count == 2)
    try folder.write("runs/one/lock", "4711\n")
    let (begun, notices) = try Notices.collecting { try CorpusFiles.expand([folder.path]) }
    #expect(begun == texts)
    #expect(notices.first?.contains("runs/one (a run of graft)") == true, "\(notices)")
    for name in ["run.json", "checkpoints/step-1/README.md", "model/tokenizer.json"] {
      try folder.write("runs/one/\(name)", "{}")
    }
    #expect(try Notices.collecting { try CorpusFiles.expand([folder.path]) }.0 == texts)
  }

  /// A pipe can be read once, and is read as often as needed.
  @Test func pipes() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    // Not with `Data.write`, which never ends on a pipe.
    let writer = Thread {
      let descriptor = open(path, O_WRONLY)
      _ = write(descriptor, "Some text.\n", 11)
      close(descriptor)
    }
    writer.start()
    for _ in 0..<2 {
      var found = ""
      try DocumentReader(path: path, options: CorpusOptions()).forEachPiece { piece in
        found += String(decoding: piece.bytes, as: UTF8.self)
      }
      #expect(found == "Some text.\n")
    }
  }
}
