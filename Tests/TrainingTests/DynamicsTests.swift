import Foundation
import Support
import TestSupport
import Testing

@testable import Training

/// What is recorded of training examples, and when.
@Suite struct DynamicsTests {
  @Test func aPassEndsWithTheUpdateThatReachesItsLastExample() {
    func due(_ interval: DynamicsInterval, _ count: Int, _ batch: Int, _ steps: Int) -> [Int] {
      (1...steps).filter { interval.isDue(step: $0, TrainingPass(exampleCount: count, batchSize: batch)) }
    }
    #expect(due(.pass, 10, 4, 8) == [3, 5, 8])
    #expect(due(.pass, 8, 4, 6) == [2, 4, 6])
    #expect(due(.pass, 3, 4, 3) == [1, 2, 3])
    #expect(due(.updates(3), 10, 4, 8) == [3, 6])
  }

  @Test func probabilitiesAreSharesOfTheChoices() {
    // .2, .3 and .5 up to a common factor.
    let scores = [0.2, 0.3, 0.5].map { log($0 / 7) }
    #expect(DynamicsRecorder.probability(of: 0, scores) == 0.2)
    #expect(DynamicsRecorder.probability(of: 2, scores) == 0.5)
    #expect(DynamicsRecorder.probability(of: 1, [-.infinity, 0]) == 1)
    #expect(DynamicsRecorder.probability(of: 0, [-.infinity, 0]) == 0)
    #expect(DynamicsRecorder.probability(of: 0, [-.infinity, -.infinity]) == 0)
    #expect(DynamicsRecorder.probability(of: 3, scores) == 0)
    #expect(DynamicsRecorder.probability(of: 0, [-1e30, 0]) == 0)
  }

  @Test func theFileIsReadAsItWasWritten() throws {
    let folder = try TestFolder()
    var dynamics = TrainingDynamics(identifiers: ["t/train/1", "t/train/2"])
    #expect(throws: GraftError.self) { try dynamics.map() }
    dynamics.measurements = [
      .init(step: 3, epoch: 1, gold: [0.25, 0.5], right: "01"),
      .init(step: 6, epoch: 2, gold: [0.75, 0.5], right: "11"),
    ]
    let path = "\(folder.path)/dynamics.jsonl"
    try dynamics.write(to: path)
    let read = try TrainingDynamics(path: path)
    #expect(read == dynamics)
    let map = try read.map()
    #expect(map.points.map(\.confidence) == [0.5, 0.5])
    #expect(map.points.map(\.variability) == [0.25, 0])
    #expect(map.points.map(\.correctness) == [1, 2])
    #expect(map.measurements == 2)
  }

  @Test(arguments: [
    ("", "empty"), ("{\"format\":9,\"examples\":[]}\n", "format 9"),
    ("[1]\n", "no line of training dynamics"),
    (
      "{\"format\":1,\"examples\":[\"a\"]}\n{\"step\":1,\"epoch\":1,\"gold\":[1,1],\"right\":\"1\"}\n",
      "for 1 examples"
    ),
    // Found by `make hostile`: a dictionary of examples by their names trapped.
    ("{\"examples\":[\"a\",\"b\",\"a\"],\"format\":1}\n", "stands twice"),
  ])
  func damagedFilesAreNamed(_ text: String, _ message: String) throws {
    let folder = try TestFolder()
    let path = try folder.write("dynamics.jsonl", text)
    let error = #expect(throws: GraftError.self) { try TrainingDynamics(path: path) }
    #expect(error?.code == .badData)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.location?.file == path)
  }
}
