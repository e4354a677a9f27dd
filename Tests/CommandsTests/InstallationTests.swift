import Foundation
import TestSupport
import Testing

/// The executable alone, away from the repository.
@Suite(.tags(.process)) struct InstallationTests {
  private func run(_ arguments: String, home: String? = nil) throws -> (status: Int32, output: String) {
    let folder = try TestFolder()
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "\(folder.path)/graft")
    try FileManager.default.copyItem(
      atPath: try #require(Graft.executable, "graft was not built"), toPath: "\(folder.path)/graft")
    process.arguments = arguments.split(separator: " ").map(String.init)
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ["PATH": "/usr/bin:/bin"].merging(home.map { ["GRAFT_HOME": $0] } ?? [:]) { $1 }
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  @Test func tasksAndPresetsAreThere() throws {
    let validated = try run("validate")
    #expect(validated.status == 0 && validated.output.contains("checklists hold"), "\(validated.output)")
    let listed = try run("list")
    #expect(listed.status == 0 && listed.output.contains("t5-mini") && listed.output.contains("sst2"))
    let doctor = try run("doctor")
    #expect(doctor.output.contains("builtin:Tasks ("), "\(doctor.output)")
    #expect(doctor.output.contains("builtin:Checkpoints/presets ("), "\(doctor.output)")
  }

  @Test func aFolderOfOnesOwnComesFirst() throws {
    let home = try TestFolder()
    let preset = try Data(
      contentsOf: URL(fileURLWithPath: "\(Graft.packageRoot)/Checkpoints/presets/t5-mini.json"))
    try home.write("Checkpoints/presets/own.json", [UInt8](preset))
    let listed = try run("list backbones", home: home.path)
    #expect(listed.status == 0 && listed.output.contains("own") && !listed.output.contains("t5-mini"))
    let doctor = try run("doctor", home: home.path)
    #expect(doctor.output.contains("\(home.path)/Checkpoints/presets ($GRAFT_HOME)"), "\(doctor.output)")
    #expect(doctor.output.contains("builtin:Tasks ("), "\(doctor.output)")
  }

  @Test func theVersionNamesTheCommit() throws {
    let version = try run("--version").output
    let form = /^[0-9]+\.[0-9]+\.[0-9]+ \(commit (unknown|[0-9a-f]{7,40}(-dirty)?)\)\n$/
    #expect(version.firstMatch(of: form) != nil, "\(version)")
    #expect(try run("doctor").output.contains(version.trimmingCharacters(in: .newlines)))
  }
}
