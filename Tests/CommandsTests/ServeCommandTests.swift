import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// `graft serve` and `graft chat` as a person runs them, on a tiny fine-tuned model.
@Suite(.tags(.process)) struct ServeCommandTests {
  private static let tuned = Result<String, any Error> {
    let world = try World.shared.get()
    let outcome = try Graft.run(world.finetune("served", task: "micro-nli"))
    guard outcome.status == 0 else { throw World.Failure(text: outcome.errors) }
    return "\(world.folder.path)/served"
  }

  private func address(_ server: Graft.Running) throws -> String {
    for _ in 0..<600 where server.isRunning {
      if let line = server.output.split(separator: "\n").first, server.output.hasSuffix("\n") { return String(line) }
      Thread.sleep(forTimeInterval: 0.05)
    }
    throw World.Failure(text: try server.wait().errors)
  }

  @Test func itServesUntilCtrlC() throws {
    let server = try Graft.Running(["serve", try Self.tuned.get(), "--port", "0"])
    let address = try address(server)
    #expect(address.hasPrefix("http://127.0.0.1:"))
    let url = try #require(URL(string: "\(address)api/runs"))
    let runs = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    #expect(
      runs.contains(#""name":"served""#) && runs.contains("\"hypothesis\"") && runs.contains("\"premise\""), "\(runs)")
    server.send(SIGINT)
    let outcome = try server.wait()
    #expect(outcome.status == 130 && !outcome.wasSignalled, "\(outcome.errors)")
    #expect(outcome.errors.contains("GET /api/runs 200") && outcome.errors.contains("stopped after 1 request"))
  }

  @Test func otherHostsGetAToken() throws {
    let server = try Graft.Running(["serve", try Self.tuned.get(), "--port", "0", "--host", "0.0.0.0", "--quiet"])
    let address = try address(server)
    server.send(SIGTERM)
    #expect(try server.wait().status == 143)
    #expect(address.hasPrefix("http://0.0.0.0:"))
    #expect(address.split(separator: "=").last.map { $0.count == 26 } == true, "\(address)")
  }

  @Test func whatCannotBeServedIsSaid() throws {
    try Graft.expectFailure(66, ["serve", "/nowhere"], says: ["no checkpoint at '/nowhere'"])
    try Graft.expectFailure(64, ["serve", try Self.tuned.get(), "--port", "70000"], says: ["--port 70000"])
    try Graft.expectFailure(64, ["serve", try Self.tuned.get(), "--task", "sst3"], says: ["sst3"])
  }

  @Test func chatAnswersALineAtATime() throws {
    let outcome = try Graft.run(
      ["chat", try Self.tuned.get()],
      input:
        "The cat sees the dog.\tThe cat sleeps.\none field\nand the other\ntoo\tmany\tfields\n/help\n/quit\nnever read\t\n"
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2 && lines.allSatisfy { $0.contains("entailment 0.") }, "\(outcome.output)")
    #expect(outcome.errors.contains("the line has 3 fields") && outcome.errors.contains("/help, /quit"))
  }

  @Test func chatGoesOnWithLines() throws {
    let world = try World.shared.get()
    let arguments = ["chat", world.run, "--target-length", "5", "--sample"]
    let (first, second) = (
      try Graft.run(arguments, input: "the cat\nthe dog\n"), try Graft.run(arguments, input: "the cat\nthe dog\n")
    )
    #expect(first.status == 0 && first.output.filter { $0 == "\n" }.count >= 2, "\(first.errors)")
    #expect(first.output == second.output)
  }
}
