import Foundation
import Randomness
import Support
import TestSupport
import Testing

@testable import Checkpointing

/// Files that torch.save wrote (Fixtures/torch/make_torch_files.py): what they hold is read, and whatever else a pickle
/// may ask for is refused.
@Suite struct TorchFileTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/torch").path
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  private func path(_ name: String) -> String { "\(Self.fixtures)/\(name)" }

  @Test(arguments: ["layouts.bin", "layouts.legacy.bin", "large.bin"])
  func tensorsAreThoseOfTorch(_ name: String) throws {
    let file = try TorchFile(path(name))
    let expected = try SafetensorsFile(path("layouts.safetensors"))
    let readable = file.tensors.filter(\.type.isReadable)
    #expect(readable.map(\.name) == expected.tensors.map(\.name))
    #expect(readable.map(\.type) == expected.tensors.map(\.type))
    for tensor in readable {
      let (got, wanted) = (try file.tensor(tensor.name), try expected.tensor(tensor.name))
      #expect(got.shape == wanted.shape && tensor.count == wanted.values.count, "\(tensor.name)")
      #expect(got.values.map(\.bitPattern) == wanted.values.map(\.bitPattern), "\(tensor.name)")
    }
    let others = Dictionary(
      uniqueKeysWithValues: file.tensors.filter { !$0.type.isReadable }.map { ($0.name, $0.type) })
    #expect(
      others == [
        "byte": .uint8, "double": .float64, "flag": .bool, "int": .int32, "long": .int64, "short": .int16,
      ])
    let error = #expect(throws: GraftError.self) { try file.tensor("double") }
    #expect(error?.code == .badData && error?.message.contains("has type F64") == true)
  }

  @Test(arguments: [
    ("system", "posix.system"), ("eval", "eval"), ("import", "__import__"),
    ("object", "torch.nn.modules.linear.Linear"),
    ("counter", "collections.Counter"), ("numpy", "numpy."), ("sparse", "torch._utils._rebuild_sparse_tensor"),
    ("device", "torch.device"), ("training", "'epoch' is a number"), ("list", "a list"),
  ]) func whatAPickleNamesIsRefusedAndNotRun(_ name: String, _ text: String) throws {
    for form in ["", ".legacy"] {
      let error = #expect(throws: GraftError.self) { try TorchFile(path("names/\(name)\(form).bin")) }
      #expect(error?.code == .badData && error?.hint != nil)
      #expect(error?.message.contains(text) == true, "\(error?.description ?? "")")
    }
  }

  @Test func otherArchivesAndFiles() throws {
    func expectError(_ path: String, _ text: String) {
      let error = #expect(throws: GraftError.self) { try TorchFile(path) }
      #expect(error?.code == .badData && error?.hint != nil)
      #expect(error?.message.contains(text) == true, "\(error?.description ?? "")")
    }
    expectError(path("names/compressed.bin"), "is compressed")
    expectError(path("layouts.safetensors"), "is a safetensors file")
    for (name, bytes, text) in [
      ("empty", [], "an empty file"), ("text", Array("weights".utf8), "torch.save"),
      ("pickle", [0x80, 2, 0x4B, 1, 0x2E], "not one of torch.save"),
      ("end", Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18), "0 files 'data.pkl'"),
      ("cut", Array("PK\u{3}\u{4}".utf8), "cut off"),
    ] as [(String, [UInt8], String)] {
      try folder.write(name, bytes)
      expectError(folder.file(name), text)
    }
    let missing = #expect(throws: GraftError.self) { try TorchFile(folder.file("none")) }
    #expect(missing?.code == .missingInput)
  }

  /// A tensor may not reach beyond its storage, whatever overflows on the way, nor be larger than it.
  @Test func tensorsThatDoNotFit() throws {
    for (offset, shape, strides, fits) in [
      (0, [2, 3], [3, 1], true), (0, [2, 3], [1, 2], true), (1, [2, 3], [3, 1], false), (6, [0], [1], true),
      (7, [], [], false), (0, [7], [0], false), (0, [6], [0], true), (-1, [1], [1], false), (0, [1], [-1], false),
      (0, [2], [.max], false), (.max, [1], [1], false), (.max, [2], [1], false), (0, [.max, .max], [1, 1], false),
      (0, [1, .max], [1, 0], false), (0, [.max, 0], [1, 1], true), (0, [2], [1, 1], false), (0, [0], [.max], true),
    ] {
      let tensor = try? TorchTensor(storage: 0, of: 6, offset: offset, shape: shape, strides: strides)
      #expect((tensor != nil) == fits, "\(offset) \(shape) \(strides)")
    }
  }

  /// Whatever is changed in a file, it is read or refused: no value that is said to be there lies elsewhere.
  @Test(.tags(.slow), arguments: ["layouts.bin", "layouts.legacy.bin", "large.bin"])
  func changedFilesAreReadOrRefused(_ name: String) throws {
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    var random = RandomKey(seed: 7).folded(name).generator()
    var refused = 0
    for round in 0..<3000 {
      var bytes = whole
      for _ in 0...random.below(3) { change(&bytes, &random) }
      try folder.write("changed.bin", bytes)
      do {
        let file = try TorchFile(folder.file("changed.bin"))
        for tensor in file.tensors where tensor.type.isReadable {
          #expect(try file.tensor(tensor.name).values.count == tensor.count)
        }
      } catch {
        refused += 1
        #expect(error.code == .badData && error.hint != nil && !error.message.isEmpty, "round \(round)")
      }
    }
    #expect(refused > 1000 && refused < 3000)
  }

  private func change(_ bytes: inout [UInt8], _ random: inout KeyedGenerator) {
    guard bytes.count > 8 else { return }
    let place = random.below(bytes.count)
    let length = min(bytes.count - place, 1 + random.below(40))
    switch random.below(7) {
    case 0: bytes[place] = UInt8(random.below(256))
    case 1: bytes[place] ^= 1 << UInt8(random.below(8))
    case 2: bytes.removeSubrange(place..<place + length)
    case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: random.below(bytes.count))
    case 4: for index in place..<place + length { bytes[index] = [0, 0xFF, 0x7F, 0x80][random.below(4)] }
    case 5: bytes.removeLast(bytes.count - place)
    default:
      // Operations of pickles beside each other.
      let operations = Array("(tK\u{1}]}asuehqRQb.012X".utf8) + [0x85, 0x86, 0x87, 0x88, 0x8A, 0x93, 0x94, 0xFF]
      for index in place..<min(place + 4, bytes.count) { bytes[index] = operations[random.below(operations.count)] }
    }
  }
}
