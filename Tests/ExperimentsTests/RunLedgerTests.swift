import Foundation
import Support
import TestSupport
import Testing

@testable import Experiments

/// The chain of a folder's runs: what is noticed of what is done to it, and that it survives crashes and company.
@Suite struct RunLedgerTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private var ledger: RunLedger { RunLedger(folder: folder.path) }

  private func entry(_ event: LedgerEntry.Event, _ run: String) -> LedgerEntry {
    LedgerEntry(event, run: run, time: "2026-01-01T00:00:00Z", hashes: [:])
  }

  private func lines() throws -> [String] {
    try String(decoding: folder.bytes(RunLedger.fileName), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func write(_ lines: [String]) throws {
    try folder.write(RunLedger.fileName, lines.map { $0 + "\n" }.joined())
  }

  private func report(expecting hash: String? = nil) throws -> LedgerReport {
    try LedgerReport(folder.path, expected: hash)
  }

  /// Two runs in four lines.
  private func enterTwo() throws {
    for (event, run) in [(.began, "a"), (.finished, "a"), (.began, "b/seed-1"), (.failed, "b/seed-1")]
      as [(LedgerEntry.Event, String)]
    {
      try ledger.append(entry(event, run))
    }
  }

  @Test func eachLineHoldsTheHashOfTheOneBefore() throws {
    try enterTwo()
    let lines = try lines()
    let entries = try lines.map { try JSONFile.value(LedgerEntry.self, in: $0.utf8) }
    #expect(entries.map(\.number) == [1, 2, 3, 4])
    #expect(entries.map(\.previous) == [RunLedger.noHash] + lines.dropLast().map { ContentHash.of($0) })
    let report = try report()
    #expect(report.misfits.isEmpty && report.torn.isEmpty && report.lines == 4)
    #expect(report.lastHash == ContentHash.of(lines[3]))
    #expect(report.runs.map(\.run) == ["a", "b/seed-1"] && report.runs.map(\.number) == [1, 3])
    #expect(report.runs.map(\.state) == [.finished, .failed] && report.runs.allSatisfy(\.isGone))
  }

  @Test func whatIsChangedOrLeftOutIsNamedByItsLine() throws {
    try enterTwo()
    let whole = try lines()
    func misfits(_ lines: [String]) throws -> [Int?] {
      try write(lines)
      return try report().misfits.map(\.line)
    }
    #expect(try misfits(whole) == [])
    // The line after a changed one, or after those that are gone, does not fit.
    #expect(try misfits([whole[0], whole[1].replacing("finished", with: "failed"), whole[2], whole[3]]) == [3])
    #expect(try misfits([whole[0], whole[2], whole[3]]) == [2, 3])
    #expect(try misfits(Array(whole.dropFirst(2))) == [1, 2])
    #expect(try misfits([whole[0], whole[0], whole[1], whole[2], whole[3]]).first == 2)
    #expect(try misfits([whole[0], "", whole[1], whole[2], whole[3]]).first == 3)
    #expect(try misfits(whole + ["no entry"]) == [5])
  }

  @Test func onlyAHashThatWasKeptTellsThatTheEndIsGone() throws {
    try enterTwo()
    let (whole, kept) = (try lines(), try report().lastHash)
    #expect(try report(expecting: kept.uppercased()).misfits.isEmpty)
    try ledger.append(entry(.began, "c"))
    #expect(try report(expecting: kept).misfits.isEmpty)
    try write(Array(whole.dropLast()))
    #expect(try report().misfits.isEmpty)
    #expect(try report(expecting: kept).misfits.map(\.text).first?.contains(kept) == true)
  }

  @Test func aLineThatACrashCutShortIsSaidAndChainedOn() throws {
    try enterTwo()
    let bytes = [UInt8](try folder.bytes(RunLedger.fileName))
    try folder.write(RunLedger.fileName, Array(bytes.dropLast(20)))
    #expect(try report().torn == [4] && report().misfits.isEmpty)
    // The run is still open: nobody said how it ended.
    #expect(try report().runs.map(\.state) == [.finished, .open])
    try ledger.append(entry(.resumed, "b/seed-1"))
    try ledger.append(entry(.finished, "b/seed-1"))
    let report = try report()
    #expect(report.torn == [4] && report.misfits.isEmpty && report.lines == 6)
    #expect(report.runs.map(\.state) == [.finished, .finished] && report.runs.map(\.resumed) == [0, 1])
    // Cut in the middle it is a line that was changed.
    var later = try lines()
    later[4].removeLast(20)
    try write(later)
    #expect(try self.report().misfits.map(\.line) == [6])
  }

  @Test func manyAppendAtOnce() throws {
    let ledger = ledger
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for index in 0..<10 { try? ledger.append(entry(.began, "run-\(worker)-\(index)")) }
    }
    let report = try report()
    #expect(report.lines == 80 && report.misfits.isEmpty && report.torn.isEmpty)
    #expect(Set(report.runs.map(\.run)).count == 80)
  }

  @Test func filesThatAreNotAsEnteredAndRunsWithoutEntryAreNamed() throws {
    let manifest = #"{"kind": "fine-tuning-run", "arguments": ["graft"], "seed": 3, "configuration": {"tasks": ["t"]}}"#
    for run in ["a", "grid/cells/x", "sub/own"] {
      try folder.write("\(run)/run.json", manifest)
      try folder.write("\(run)/results.json", "{}")
    }
    // Of a model that is copied there, and of a part of a run.
    try folder.write("a/model/run.json", manifest)
    try folder.write("sub/\(RunLedger.fileName)", "")
    let run = LedgerRun(ledger, directory: "\(folder.path)/a") { _ in }
    run.begin(resuming: false)
    run.finish(RunOutcome(heldOut: 2.5))
    var report = try report()
    #expect(report.misfits == [.init(run: "grid/cells/x", text: "this run has no entry")] && report.others == ["sub"])
    let found = try #require(report.runs.first)
    #expect(found.tasks == ["t"] && found.seed == 3 && found.command == ["graft"] && found.heldOut == 2.5)
    #expect(!found.isGone && found.state == .finished)
    try folder.remove("grid")
    #expect(throws: Never.self) { try self.report().require() }
    try folder.write("a/results.json", "{ }")
    report = try self.report()
    #expect(report.misfits == [.init(run: "a", text: "results.json was changed after it was entered")])
    #expect(#expect(throws: GraftError.self) { try report.require() }?.code == .badData)
    run.addResults()
    #expect(try self.report().misfits.isEmpty)
    try folder.remove("a/results.json")
    #expect(try self.report().misfits.map(\.text) == ["results.json was entered and is gone"])
    // What was tried stays on the list.
    try folder.remove("a")
    #expect(try self.report().misfits.isEmpty && self.report().runs.map(\.isGone) == [true])
  }

  @Test func aLedgerThatCannotBeWrittenCostsNoRun() throws {
    try folder.write("a/run.json", #"{"arguments": [], "seed": 0, "configuration": {}}"#)
    let target = try folder.write("target", "not ours\n")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/\(RunLedger.fileName)", withDestinationPath: target)
    let notes = Notes()
    let run = LedgerRun(ledger, directory: "\(folder.path)/a") { notes.append($0) }
    run.begin(resuming: false)
    #expect(notes.all.count == 1 && notes.all[0].contains("symbolic link"), "\(notes.all)")
    #expect(try folder.bytes("target") == Data("not ours\n".utf8))
  }

  private final class Notes: @unchecked Sendable {
    var all: [String] = []
    func append(_ text: String) { all.append(text) }
  }

  @Test func whatFailedBeforeItBeganIsNoRun() throws {
    let run = LedgerRun(ledger, directory: "\(folder.path)/a") { _ in }
    run.end(GraftError(.usage, "nothing to train on"))
    #expect(folder.names.isEmpty)
    let error = #expect(throws: GraftError.self) { try report() }
    #expect(error?.code == .missingInput)
  }
}
