import Foundation
import Support
import TestSupport
import Testing

@testable import Commands

/// Libraries name settings by keys, and command lines show flags.
@Suite struct SettingNameTests {
  @Test func keysBecomeFlags() {
    #expect(
      SettingNames.asFlags("use `precision:` f32, not `output: text`.") == "use --precision f32, not `output: text`.")
    #expect(SettingNames.asFlags("`graft list tasks`: all") == "`graft list tasks`: all")
    let error = GraftError(.usage, "`batch:` is 0", hint: "give `batch:` 1.", location: SourceLocation(file: "a.yaml"))
    #expect(error.withFlags.description == "--batch is 0 (a.yaml)\n  hint: give --batch 1.")
    var ofFile = error
    ofFile.code = .badData
    #expect(ofFile.withFlags.description == ofFile.description)
  }

  /// Else a person would be told of a flag that there is not.
  @Test func everyKeyIsAFlagOfSomeCommand() throws {
    var flags: Set<String> = ["config"]
    for leaf in GraftCommand.leaves {
      for flag in try CommandFlag.all(of: leaf.type) {
        flags.insert(flag.name)
        if flag.isInvertible { flags.insert("no-\(flag.name)") }
      }
    }
    let sources = URL(fileURLWithPath: Graft.packageRoot).appendingPathComponent("Sources")
    var count = 0
    for case let file as URL in try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    where file.pathExtension == "swift" {
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      for line in lines where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        for key in line.matches(of: /`([a-z][a-z0-9-]*):`/) {
          #expect(flags.contains(String(key.output.1)), "\(file.lastPathComponent): \(key.output.0)")
          count += 1
        }
      }
    }
    #expect(count > 60)
  }

  @Test(.tags(.process)) func aCommandLineIsToldOfFlags() throws {
    let world = try World.shared.get()
    try Graft.expectFailure(
      64,
      ["pretrain", "--corpus", "\(world.directory)/corpus.txt", "--tokenizer", world.tokenizer, "--batch", "0"]
        + ["--output", "\(world.folder.path)/no-run", "--steps", "1"],
      says: ["--batch must be between 1 and"], hint: false)
  }

  /// Whoever wrote a grid has keys.
  @Test(.tags(.process)) func aGridIsToldOfKeys() throws {
    let world = try World.shared.get()
    let path = try world.folder.write(
      "no-batch.yaml",
      """
      version: 2
      pretrain:
        tokenizer: \(world.tokenizer)
        corpus: \(world.corpus)
        backbone: \(world.preset)
        tokens: 4000
        batch: 0
      seeds: [0]

      """)
    try Graft.expectFailure(
      65, ["ablate", path, "--data", world.directory, "--output", "\(world.folder.path)/no-grid"],
      says: ["`batch:` must be between 1 and 1048576", "no-batch.yaml:7"], hint: false)
  }
}
