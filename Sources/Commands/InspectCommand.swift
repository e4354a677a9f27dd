import ArgumentParser
import Checkpointing
import Reporting
import Training

/// `graft inspect`
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Look inside a task or a checkpoint.",
    subcommands: [InspectCheckpointCommand.self, InspectTaskCommand.self])
}

/// `graft inspect checkpoint`
struct InspectCheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Verify a checkpoint's hashes and show its model and tensors.")

  @Argument(help: "A checkpoint or run directory.")
  var path: String

  func run() throws {
    let (checkpoint, configuration, tokenizer) = try ModelFolder.open(path)
    print("\(checkpoint.path): all \(checkpoint.manifest.files.count) files match their hashes")
    let c = configuration
    print(
      "\(c.family), width \(c.width), layers \(c.encoderLayers)+\(c.decoderLayers), \(c.heads) heads of"
        + " \(c.headDimension), feed-forward \(c.feedForward), vocabulary \(tokenizer.vocabulary.size)")
    var table = Table([.init("tensor"), .init("shape"), .init("values", .right)])
    var total = 0
    for tensor in checkpoint.weights.tensors {
      table.append([tensor.name, "\(tensor.shape)", "\(tensor.count)"])
      total += tensor.count
    }
    print(table.plainText)
    print("\(total) parameters; \(checkpoint.isResumable ? "can be resumed" : "weights only")")
  }
}
