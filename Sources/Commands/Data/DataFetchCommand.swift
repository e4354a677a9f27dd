import ArgumentParser
import Experiments
import Foundation
import Reporting
import Support
import TaskRegistry

/// `graft data fetch`
struct DataFetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Bring the data sets of tasks and suites from where they are published, or from a mirror.",
    discussion: """
      First it is said what will be fetched, from where and under which licence; --dry-run ends there. Files that are \
      there are kept. What breaks off is gone on with, by the same command if need be, and a file gets its name once its \
      SHA-256 is the published one. Where no hash is published, the first fetch is trusted and recorded in fetched.json \
      of the data folder, and later ones must agree. The program curl does the transfers and heeds its variables, such as \
      https_proxy.

      Example:
        graft data fetch sst2 hans --data data --dry-run
        graft data fetch sst2 rte --data data
        graft data fetch --all --data data --from /mnt/shared/data
      """)

  @Argument(help: "Tasks and suites (`graft list tasks`, `graft list suites`).", completion: .tasksAndSuites)
  var names: [String] = []

  @Flag(help: "Everything that has an address, or with --from everything.")
  var all = false

  @Option(
    help: """
      A folder or an http(s) address that has the files as a data folder does, compressed or not, instead of where they \
      are published.
      """)
  var from: String?

  @Flag(help: "Say what would be fetched, and end.")
  var dryRun = false

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func validate() throws {
    guard names.isEmpty == all else { throw ValidationError("name tasks or suites, or give --all") }
  }

  func run() throws {
    let catalog = try data.catalog()
    if let from, !from.hasPrefix("http://"), !from.hasPrefix("https://"), !Paths.isFolder(from) {
      throw GraftError(.missingInput, "no folder '\(from)' to fetch from", hint: "give a folder or an http(s) address.")
    }
    var fetch = try DataFetch(
      to: data.root, DataChecksums(directories: data.directories), DataAddresses(directories: data.directories),
      mirror: from, stop: InterruptHandling.stop, progress: Self.progress)
    let definitions = try CheckedData.definitions(named: names, in: catalog)
    var items: [DataFetch.Item] = []
    for file in definitions.flatMap { $0.allDataFiles }.exactlyDistinct { items.append(try fetch.item(file)) }
    let wanted = items.filter(fetch.canFetch)
    show(definitions, items, wanted)
    guard !dryRun else { return }
    try InterruptHandling.stop.awaited { () throws(GraftError) in
      try fetch.fetch(wanted) { file, isVerified in
        standardOutput("fetched: \(file)\(isVerified ? "" : " (no published hash: trusted, and recorded)")")
      }
    }
    try check(items, wanted)
  }

  private func show(_ definitions: [any DataSetDefinition], _ items: [DataFetch.Item], _ wanted: [DataFetch.Item]) {
    let files = Set(wanted.map(\.file))
    for definition in definitions where definition.allDataFiles.contains(where: { files.contains($0) }) {
      standardOutput("\(definition.name): licence: \(definition.provenance["licence"] ?? "not stated")")
    }
    let here = items.count { $0.state != .absent }
    if here > 0 { standardOutput("\(here) of \(items.count) files are there") }
    guard !wanted.isEmpty else { return }
    var table = Table([.init("file"), .init("bytes", .right), .init("SHA-256"), .init("from")])
    var addresses = AddressNotes()
    for item in wanted {
      let place = from.map { Paths.join($0, item.file) } ?? item.address?.url ?? ""
      let size = from == nil ? item.address?.size : nil
      table.append([
        item.file, size.map(String.init) ?? "–", item.hash == nil ? "not known" : "known", addresses.short(place),
      ])
    }
    standardOutput(table.plainText + "\n" + addresses.text, terminator: "")
  }

  /// - Throws: `.badData` for files that are there and differ, `.missingInput` for named ones that cannot be fetched.
  private func check(_ items: [DataFetch.Item], _ wanted: [DataFetch.Item]) throws(GraftError) {
    let differing = items.filter { $0.state == .other }.map(\.file)
    guard differing.isEmpty else {
      throw GraftError(
        .badData, "there, but not as published: \(differing.joined(separator: ", "))",
        hint: "nothing was changed; move them away to fetch them.")
    }
    let fetched = Set(wanted.map(\.file))
    let without = items.filter { $0.state == .absent && !fetched.contains($0.file) }.map(\.file)
    guard !without.isEmpty, !all else { return }
    throw GraftError(
      .missingInput, "no address is known of \(without.joined(separator: ", "))",
      hint: "`graft data describe` says where they come from; --from names a mirror.")
  }

  /// A line that is written over, on a terminal only.
  private static func progress(_ file: String, _ bytes: Int, _ size: Int?) {
    guard isatty(STDERR_FILENO) != 0 else { return }
    let whole = size.map { " of \($0)" } ?? ""
    StandardError.write("\r\u{1B}[K\(file): \(bytes)\(whole) bytes\(bytes == size ? "\r\u{1B}[K" : "")")
  }
}
