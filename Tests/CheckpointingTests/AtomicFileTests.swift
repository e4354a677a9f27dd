import Foundation
import Support
import Synchronization
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func threadsMayWriteTheSameFile() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/shared"
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      do throws(GraftError) {
        try AtomicFile.write(Data(repeating: UInt8(index), count: 100_000), to: path)
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(bytes.count == 100_000)
    // One writer's content, whole.
    #expect(Set(bytes).count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["shared"])
  }

  @Test func anAbsentFolderIsNoMissingInput() throws {
    let folder = try TestFolder()
    let error = #expect(throws: GraftError.self) {
      try AtomicFile.write("text", to: "\(folder.path)/none/file")
    }
    #expect(error?.code == .inputOutput)
    #expect(error?.hint != nil)
  }
}
