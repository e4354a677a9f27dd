import Foundation
import TestSupport
import Testing

/// What Python makes of a run: the package graft-results, its notebook, and the loader of model cards. The scripts of
/// `Tests/Interoperability` do it; `$GRAFT_PYTHON` is the Python that has the packages.
@Suite(.tags(.process)) struct PythonTests {
  private static let python = ProcessInfo.processInfo.environment["GRAFT_PYTHON"] ?? "python3"

  private static func run(_ arguments: [String]) -> (status: Int32, output: String)? {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    (process.standardOutput, process.standardError) = (pipe, pipe)
    guard (try? process.run()) != nil else { return nil }
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  private static func has(_ modules: String...) -> Bool {
    run(["-c", "import \(modules.joined(separator: ", "))"])?.status == 0
  }

  private func script(_ name: String, _ run: String) throws -> String {
    let path = "\(Graft.packageRoot)/Tests/Interoperability/\(name)"
    let outcome = try #require(Self.run([path, run]))
    #expect(outcome.status == 0, "\(outcome.output)")
    return outcome.output
  }

  @Test(.enabled(if: has("setuptools", "wheel", "pip", "pandas"), "no Python with pandas, setuptools and wheel"))
  func thePackageReadsARun() throws {
    let output = try script("python_package.py", ModelCardTests.run.get())
    #expect(output.contains("values agree") && output.contains("cells executed"), "\(output)")
  }

  @Test(.enabled(if: has("huggingface_hub"), "no Python with huggingface_hub"))
  func theHubReadsTheCard() throws {
    #expect(try script("model_card.py", ModelCardTests.run.get()).contains("scores agree"))
  }
}
