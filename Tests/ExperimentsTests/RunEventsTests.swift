import Experiments
import Foundation
import Support
import TestSupport
import Testing

@Suite struct RunEventsTests {
  private static let log = """
    {"event":"heldOut","step":0,"lossPerToken":5.5,"seconds":0,"targets":7}
    {"event":"step","step":20,"loss":4.25,"learningRate":0.01,"seconds":2}
    {"event":"step","step":40,"loss":"NaN","learningRate":0.01,"seconds":4}
    {"event":"rolledBack","step":20,"from":40,"count":1,"reason":"a \\"b\\", c"}
    {"event":"step","step":40,"loss":3.5,"learningRate":0.005,"seconds":6}
    {"event":"heldOutOfTask","step":40,"task":"a,b","natsPerTarget":1.5,"targets":3}
    {"event":"saved","step":40,"path":"x"}
    {"event":"step","st
    """

  private func folder(_ names: String...) throws -> TestFolder {
    let folder = try TestFolder()
    for name in names { try folder.write("\(name)/events.jsonl", Self.log) }
    return folder
  }

  @Test func tablesHaveARowForEachEvent() throws {
    let folder = try folder("run/seed-0", "run/seed-1")
    let runs = try RunEvents.all(["\(folder.path)/run"])
    #expect(runs.map(\.name) == ["run/seed-0", "run/seed-1"])
    let lines = RunEvents.csv([runs[0]]).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(
      lines == [
        "run,event,step,task,seconds,loss,lossPerToken,count,from,learningRate,natsPerTarget,targets",
        "run/seed-0,heldOut,0,,0,,5.5,,,,,7", "run/seed-0,step,20,,2,4.25,,,,0.01,,",
        "run/seed-0,rolledBack,20,,,,,1,40,,,", "run/seed-0,step,40,,6,3.5,,,,0.005,,",
        "run/seed-0,heldOutOfTask,40,\"a,b\",,,,,,,1.5,3", "run/seed-0,saved,40,,,,,,,,,", "",
      ])
  }

  @Test func curvesHaveTheTimeOfTraining() throws {
    let folder = try folder("run")
    let scalars = try RunEvents(run: "\(folder.path)/run", name: "run").scalars
    let loss = scalars.filter { $0.tag == "train/loss" }
    #expect(loss.map(\.value) == [4.25, 3.5] && loss.map(\.step) == [20, 40] && loss[1].time - loss[0].time == 4)
    #expect(scalars.contains { $0.tag == "held-out-of-a,b/natsPerTarget" && $0.value == 1.5 })
    #expect(
      Set(scalars.map(\.tag)).isSuperset(of: ["held-out/lossPerToken", "train/learningRate", "not-finite/count"]))
    #expect(abs((scalars.map(\.time).max() ?? 0) - Date().timeIntervalSince1970) < 600)
  }

  @Test func whatIsNoRun() throws {
    let folder = try folder("a/run", "b/run")
    try folder.write("c/events.jsonl", "")
    for (paths, code) in [(["a/run", "b/run"], ExitCode.usage), (["a"], .missingInput), (["c"], .badData)] {
      let error = #expect(throws: GraftError.self) { try RunEvents.all(paths.map { "\(folder.path)/\($0)" }) }
      #expect(error?.code == code)
    }
  }
}
