import Foundation
import TestSupport
import Testing

/// The fuzzer's seeds, put to its readers: a reader that no longer compiles or fails on them is seen in `make test`.
@Suite(.tags(.slow)) struct SeedTests {
  @Test(.timeLimit(.minutes(5))) func everySeedIsReadOrRefused() async throws {
    // In a process of its own: a reader that fails ends it, and it works in a folder of its own.
    await #expect(processExitsWith: .success) {
      let file = URL(fileURLWithPath: #filePath)
      let seeds = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Seeds")
      Scratch.begin()
      for reader in Readers.all {
        let folder = seeds.appendingPathComponent(reader.name)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        precondition(!names.isEmpty, "\(reader.name) has no seeds")
        // What libFuzzer tries first.
        FileHandle.standardError.write(Data("\(reader.name), nothing\n".utf8))
        Readers.read(UnsafeRawBufferPointer(start: nil, count: 0), by: reader)
        for name in names {
          let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
          FileHandle.standardError.write(Data("\(reader.name)/\(name)\n".utf8))
          bytes.withUnsafeBytes { Readers.read($0, by: reader) }
        }
      }
    }
  }
}
