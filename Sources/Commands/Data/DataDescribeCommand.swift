import ArgumentParser
import Experiments
import Reporting
import Support
import TaskRegistry

/// `graft data describe`
struct DataDescribeCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Say what a task's data is: origin, licence, citation, sizes, files, addresses and hashes.",
    discussion: """
      Example:
        graft data describe sst2
      """)

  @Argument(help: "A task or suite.", completion: .tasksAndSuites)
  var name: String

  @Option(help: "Write the same as JSON to this file, - for standard output.")
  var json: String?

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func files() -> CommandFiles { CommandFiles(.json(json, keys: ["name", "files", "splits"])) }

  /// What `--json` writes.
  private struct Description: Encodable {
    struct Split: Encodable {
      var split: String
      var examples: Int?
      var files: [String]
    }
    struct File: Encodable {
      var file: String
      var state: String?
      var address: String?
      var member: String?
      var bytes: Int?
      var sha256: String?
    }
    var name: String
    var version: Int
    var provenance: [String: String]
    var splits: [Split]
    var files: [File]
  }

  func run() throws {
    let catalog = try data.catalog()
    guard let definition = try CheckedData.definitions(named: [name], in: catalog).first else { return }
    let checksums = try DataChecksums(directories: data.directories)
    let addresses = try DataAddresses(directories: data.directories)
    let splits = definition.splitNames.map { split in
      Description.Split(
        split: split, examples: definition.publishedCount(split: split),
        files: definition.dataFiles(split).map(DataChecksums.name))
    }
    var files: [Description.File] = []
    for file in definition.allDataFiles {
      let address = addresses[file]
      files.append(
        Description.File(
          file: file, state: data.root.path == nil ? nil : try checksums.state(of: file, in: data.root).rawValue,
          address: address?.url, member: address?.member, bytes: address?.size, sha256: checksums.hash(of: file)))
    }
    let description = Description(
      name: name, version: definition.version, provenance: definition.provenance, splits: splits, files: files)
    if let json { try JSONOutput.write(description, to: json) }
    if json != "-" { show(description) }
  }

  private func show(_ description: Description) {
    standardOutput("name        \(description.name), version \(description.version)")
    for key in ["origin", "licence", "citation", "note"] {
      guard let value = description.provenance[key] else { continue }
      standardOutput(key + String(repeating: " ", count: 12 - key.count) + value)
    }
    var splits = Table([.init("split"), .init("examples", .right), .init("files")])
    for split in description.splits {
      splits.append([split.split, split.examples.map(String.init) ?? "–", split.files.joined(separator: ", ")])
    }
    standardOutput("\n" + splits.plainText)
    var files = Table([.init("file"), .init("here"), .init("bytes", .right), .init("SHA-256"), .init("address")])
    var addresses = AddressNotes()
    for file in description.files {
      let member = file.member.map { ", in it \($0)" } ?? ""
      files.append([
        file.file, file.state ?? "no data folder", file.bytes.map(String.init) ?? "–",
        file.sha256.map { String($0.prefix(12)) + "…" } ?? "not known",
        file.address.map { addresses.short($0) + member } ?? "none known",
      ])
    }
    let below = addresses.folders.isEmpty ? "" : "\n" + addresses.text
    standardOutput(files.plainText + below, terminator: "")
  }
}
