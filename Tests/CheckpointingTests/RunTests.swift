import Foundation
import Support
import TestSupport
import Testing

@testable import Checkpointing

@Suite struct RunTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  @Test func aRunDirectoryHasOneUser() throws {
    let directory = folder.file("runs/first")
    var lock: RunLock? = try RunLock(directory: directory)
    #expect(lock != nil)
    let failure = try #require(error { _ = try RunLock(directory: directory) })
    #expect(failure.code == .usage)
    #expect(failure.message.contains("run directory is in use") && failure.message.contains("\(getpid())"))
    #expect(failure.hint?.contains("`output:`") == true)
    lock = nil
    _ = try RunLock(directory: directory)
  }

  @Test func aLockFileLeftByADeadProcessDoesNotLock() throws {
    try folder.write("lock", "4194304\n")
    _ = try RunLock(directory: folder.path)
    let text = try String(contentsOfFile: folder.file("lock"), encoding: .utf8)
    #expect(text == "\(getpid())\n")
  }

  @Test func aFileInTheWayIsAnError() throws {
    try folder.write("run", [])
    #expect(error { _ = try RunLock(directory: folder.file("run")) }?.code == .inputOutput)
    #expect(error { _ = try RunLock(directory: folder.file("run/below")) }?.code == .inputOutput)
  }

  private var manifest: RunManifest<[String: Int]> {
    RunManifest(
      graftVersion: "0.1.0", arguments: ["graft", "pretrain", "--seed", "7"], configuration: ["width": 256],
      seed: .max, shards: 2, precision: "bf16", backendSignature: "oneDNN 2.7.2 avx512",
      dataHashes: ["corpus": "ab", "tokenizer": "cd"], timings: ["training": 12.25])
  }

  @Test func aManifestRoundTripsWithEqualBytes() throws {
    try manifest.write(toRun: folder.path)
    let first = try Data(contentsOf: URL(fileURLWithPath: folder.file("run.json")))
    let read = try RunManifest<[String: Int]>.read(fromRun: folder.path)
    #expect(read == manifest)
    try read.write(toRun: folder.path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("run.json"))) == first)
  }

  @Test func otherDataIsRefused() throws {
    try manifest.requireSameData(as: ["corpus": "ab", "tokenizer": "cd"])
    let changed = error { try manifest.requireSameData(as: ["corpus": "xx", "tokenizer": "cd"]) }
    #expect(changed?.code == .badData && changed?.message.hasPrefix("corpus ") == true)
    #expect(
      error { try manifest.requireSameData(as: ["corpus": "ab"]) }?.message.hasPrefix("tokenizer ") == true)
  }

  @Test func whatIsNoRunIsRefused() throws {
    let missing = try #require(error { _ = try RunManifest<NoDetails>.read(fromRun: folder.path) })
    #expect(missing.code == .missingInput && missing.message.contains("not a run directory"))
    try folder.write("run.json", "{\"version\": 1,\n \"seed\": }")
    let broken = try #require(error { _ = try RunManifest<NoDetails>.read(fromRun: folder.path) })
    #expect(broken.code == .badData && broken.location?.line == 2)
    try folder.write("run.json", "{\"version\": 1, \"seed\": 1}")
    #expect(
      error { _ = try RunManifest<NoDetails>.read(fromRun: folder.path) }?.message.contains("missing") == true
    )
  }
}
