import Support
import Testing

@Suite struct RegistryTests {
  private let registry = Registry<Int>(
    kind: "number", listCommand: "graft list", [("one", "1", 1), ("two", "2", 2)])

  @Test func whatIsAddedStandsInOrder() throws {
    let more = try registry.adding([("zero", "0", 0), ("nought", "0", 0)])
    #expect(more.names == ["nought", "one", "two", "zero"] && registry.names == ["one", "two"])
    #expect(try more("zero") == 0)
    let failure = #expect(throws: GraftError.self) { try more("zer") }
    #expect(failure?.code == .usage && "\(failure!)".contains("'zero'"))
  }

  @Test func aNameIsTakenOnce() throws {
    for names in [["two"], ["three", "three"]] {
      let failure = #expect(throws: GraftError.self) { try registry.adding(names.map { ($0, "", 3) }) }
      #expect(failure?.code == .usage && failure?.message.contains("'\(names[0])'") == true)
    }
  }

  @Test func nothingIsAddedToATableThatWasRead() throws {
    let open = OpenRegistry(registry)
    try open.add([("three", "3", 3)])
    #expect(open.registry.names == ["one", "three", "two"])
    let failure = #expect(throws: GraftError.self) { try open.add([("four", "4", 4)]) }
    #expect(failure?.code == .internalError && open.registry.names.count == 3)
  }
}
