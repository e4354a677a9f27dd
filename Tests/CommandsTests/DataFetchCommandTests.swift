import Foundation
import Support
import TestSupport
import Testing

/// `graft data fetch` against servers that break off, lie and send something else.
@Suite(.tags(.process)) struct DataFetchCommandTests {
  private static let text = (0..<4000).map { "row \($0) of a set\t\($0 % 2 == 0 ? "good" : "bad")\n" }.joined()
  private static let body = Array(text.utf8)

  /// A task whose one file is `set/rows.tsv`.
  private func folder(
    _ address: String, size: Int? = body.count, hash: String? = ContentHash.of(text)
  ) throws -> TestFolder {
    let folder = try TestFolder()
    try folder.write(
      "tasks/mine.yaml",
      """
      task: mine
      version: 1
      source: {folder: set, format: tsv, header: false, fields: {text: "1", label: "2"}}
      splits: {test: rows.tsv}
      inputs: "mine text: {text}"
      targets: "{label}"
      choices: [good, bad]
      metrics: [accuracy]
      provenance: {licence: for looking at only, origin: a server of this test}

      """)
    try folder.write("tasks/addresses.txt", "# where\nset/rows.tsv  \(size.map(String.init) ?? "-")  \(address)\n")
    if let hash { try folder.write("tasks/checksums.txt", "\(hash)  set/rows.tsv\n") }
    return folder
  }

  private func arguments(_ folder: TestFolder, _ more: String...) -> [String] {
    ["data", "fetch", "mine", "--tasks", "\(folder.path)/tasks", "--data", "\(folder.path)/data"] + more
  }

  private func names(_ folder: TestFolder) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/data/set").sorted()) ?? []
  }

  /// The file is there, whole, and nothing else.
  private func expectWhole(_ folder: TestFolder, _ outcome: Graft.Outcome) throws {
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(names(folder) == ["rows.tsv"])
    #expect(try folder.bytes("data/set/rows.tsv") == Data(Self.body))
  }

  @Test func whatIsFetchedIsSaidBefore() throws {
    let server = try LocalServer { LocalServer.proper(Self.body, $0) }
    let folder = try folder("\(server.address)/rows.tsv")
    let dry = try Graft.run(arguments(folder, "--dry-run"))
    #expect(dry.status == 0, "\(dry.errors)")
    for text in [
      "mine: licence: for looking at only", "rows.tsv [1]", "[1] \(server.address)/", "\(Self.body.count)", "known",
    ] {
      #expect(dry.output.contains(text), "\(text)")
    }
    #expect(names(folder).isEmpty && server.requests.isEmpty)
    let outcome = try Graft.run(arguments(folder))
    try expectWhole(folder, outcome)
    #expect(outcome.output.contains("fetched: set/rows.tsv\n"))
    // Once it is there nobody is asked.
    let again = try Graft.run(arguments(folder))
    #expect(again.status == 0 && again.output == "1 of 1 files are there\n", "\(again.output)")
    #expect(server.requests.count == 1)
    let verified = try Graft.run(["data", "verify", "mine"] + arguments(folder).dropFirst(3))
    #expect(verified.status == 0 && verified.output.contains("4000"), "\(verified.errors)")
    let described = try Graft.run(["data", "describe", "mine"] + arguments(folder).dropFirst(3))
    for text in ["for looking at only", "a server of this test", "ok", String(ContentHash.of(Self.text).prefix(12))] {
      #expect(described.output.contains(text), "\(text)")
    }
  }

  @Test func aServerThatBreaksOffIsAskedForTheRest() throws {
    // A third of what is left each time, then the connection ends.
    let server = try LocalServer { request in
      let whole = LocalServer.proper(Self.body, request)
      return Array(whole.dropLast(Self.body.count - (request.from ?? 0) > 3000 ? 2 * (whole.count / 3) : 0))
    }
    let folder = try folder("\(server.address)/rows.tsv")
    try expectWhole(folder, try Graft.run(arguments(folder)))
    let places = server.requests.map { $0.from ?? 0 }
    #expect(places.count > 3 && places == places.sorted() && Set(places).count == places.count, "\(places)")
  }

  @Test func aLaterCommandGoesOn() throws {
    let breaks = try LocalServer { request in
      let (from, count) = (request.from ?? 0, Self.body.count)
      return LocalServer.answer(
        "206 Partial Content", [], "Content-Range: bytes \(from)-\(count - 1)/\(count)\r\n", length: count - from)
    }
    let folder = try folder("\(breaks.address)/rows.tsv")
    try folder.write("data/set/rows.tsv.part", Array(Self.body.prefix(1000)))
    try Graft.expectFailure(74, arguments(folder), says: ["cannot fetch", "rows.tsv"])
    #expect(names(folder) == ["rows.tsv.part"])
    #expect(breaks.requests.count >= 2, "it is tried more than once")
    let server = try LocalServer { LocalServer.proper(Self.body, $0) }
    try folder.write("tasks/addresses.txt", "set/rows.tsv  \(Self.body.count)  \(server.address)/rows.tsv\n")
    try expectWhole(folder, try Graft.run(arguments(folder)))
    #expect(server.requests.map(\.from) == [1000])
    // What came before was of another file: it begins anew.
    try folder.remove("data/set/rows.tsv")
    try folder.write("data/set/rows.tsv.part", [UInt8](repeating: 0x78, count: 1000))
    try expectWhole(folder, try Graft.run(arguments(folder)))
    #expect(server.requests.map(\.from) == [1000, 1000, nil])
  }

  @Test func aServerThatKnowsNoRangesStartsAgain() throws {
    let server = try LocalServer { _ in LocalServer.answer("200 OK", Self.body) }
    let folder = try folder("\(server.address)/rows.tsv")
    try folder.write("data/set/rows.tsv.part", Array(Self.body.prefix(1000)))
    try expectWhole(folder, try Graft.run(arguments(folder)))
  }

  @Test(arguments: [-500, 500, 1 << 40]) func aServerThatLiesAboutTheLength(_ difference: Int) throws {
    // Too short an announcement loses the end of every answer, too long a one never comes.
    let server = try LocalServer { request in
      let rest = Array(Self.body.dropFirst(request.from ?? 0))
      let length = max(0, rest.count + difference)
      return LocalServer.answer(
        request.from == nil ? "200 OK" : "206 Partial Content", rest,
        request.from.map { "Content-Range: bytes \($0)-\(Self.body.count - 1)/\(Self.body.count)\r\n" } ?? "",
        length: length)
    }
    let folder = try folder("\(server.address)/rows.tsv")
    let outcome = try Graft.run(arguments(folder))
    if outcome.status == 0 {
      try expectWhole(folder, outcome)
    } else {
      #expect([65, 74].contains(outcome.status), "\(outcome.errors)")
      #expect(!names(folder).contains("rows.tsv"), "nothing half has the file's name")
    }
  }

  @Test func otherBytesAreNotKept() throws {
    var other = Self.body
    other[100] ^= 1
    let server = try LocalServer { [other] in LocalServer.proper(other, $0) }
    let same = try folder("\(server.address)/rows.tsv")
    try Graft.expectFailure(65, arguments(same), says: ["SHA-256", ContentHash.of(Self.text), "--from"])
    #expect(names(same).isEmpty)
    // Without an end: more than there is ends the transfer.
    let endless = try LocalServer { request in
      Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8) + [UInt8](repeating: 0x78, count: 64 << 20)
    }
    let long = try folder("\(endless.address)/rows.tsv")
    try Graft.expectFailure(65, arguments(long), says: ["more than \(Self.body.count)"])
    #expect(!names(long).contains("rows.tsv"))
    // A page in its place, and nothing.
    let page = try LocalServer { _ in LocalServer.answer("404 Not Found", Array("<html>".utf8)) }
    let lost = try folder("\(page.address)/rows.tsv")
    try Graft.expectFailure(66, arguments(lost), says: ["status 404", "--from"])
    #expect(names(lost).isEmpty)
    let deaf = try folder("http://127.0.0.1:9/rows.tsv")
    try Graft.expectFailure(74, arguments(deaf), says: ["cannot fetch"])
    #expect(!names(deaf).contains("rows.tsv"))
  }

  @Test func aFirstFetchIsTrustedAndALaterOneMustAgree() throws {
    let server = try LocalServer { LocalServer.proper(Self.body, $0) }
    let folder = try folder("\(server.address)/rows.tsv", size: nil, hash: nil)
    let outcome = try Graft.run(arguments(folder))
    try expectWhole(folder, outcome)
    #expect(outcome.output.contains("not known") && outcome.output.contains("no published hash: trusted"))
    // A part that is longer than the whole is no beginning of it.
    try folder.remove("data/set/rows.tsv")
    try folder.write("data/set/rows.tsv.part", Self.body + Self.body)
    try expectWhole(folder, try Graft.run(arguments(folder)))
    let record = String(decoding: try folder.bytes("data/fetched.json"), as: UTF8.self)
    #expect(record.contains(ContentHash.of(Self.text)) && record.contains("\"verified\" : false"))
    try folder.remove("data/set/rows.tsv")
    let changed = try LocalServer { LocalServer.proper(Array("other\tgood\n".utf8), $0) }
    try folder.write("tasks/addresses.txt", "set/rows.tsv  -  \(changed.address)/rows.tsv\n")
    try Graft.expectFailure(65, arguments(folder), says: ["as fetched before"])
    #expect(names(folder).isEmpty)
  }

  @Test func aMirrorIsAFolderOrAnAddress() throws {
    let folder = try folder("http://127.0.0.1:9/rows.tsv")
    let zipped = gzip(Self.body)
    try folder.write("mirror/set/rows.tsv.gz", zipped)
    let copied = try Graft.run(arguments(folder, "--from", "\(folder.path)/mirror"))
    #expect(copied.status == 0 && names(folder) == ["rows.tsv.gz"], "\(copied.errors)")
    try folder.remove("data/set/rows.tsv.gz")
    let server = try LocalServer { request in
      request.path == "/data/set/rows.tsv.gz"
        ? LocalServer.proper(zipped, request) : LocalServer.answer("404 Not Found", [])
    }
    let fetched = try Graft.run(arguments(folder, "--from", "\(server.address)/data/"))
    #expect(fetched.status == 0 && names(folder) == ["rows.tsv.gz"], "\(fetched.errors)")
    #expect(server.requests.map(\.path) == ["/data/set/rows.tsv", "/data/set/rows.tsv.gz"])
    // A file that is there and differs is left alone.
    try folder.remove("data/set/rows.tsv.gz")
    try folder.write("data/set/rows.tsv", "mine\tgood\n")
    try Graft.expectFailure(65, arguments(folder), says: ["nothing was changed"])
    #expect(try folder.bytes("data/set/rows.tsv") == Data("mine\tgood\n".utf8))
    try Graft.expectFailure(66, arguments(folder, "--from", "\(folder.path)/none"), says: ["no folder"])
  }

  /// Members of an archive that Python's zipfile wrote (Tests/Fixtures/zip/make.py).
  @Test(arguments: ["deflated", "stored"]) func aMemberOfAnArchive(_ method: String) throws {
    let archive = Array(try Data(contentsOf: URL(fileURLWithPath: "\(Graft.packageRoot)/Tests/Fixtures/zip/set.zip")))
    let server = try LocalServer { LocalServer.proper(archive, $0) }
    let folder = try folder("http://127.0.0.1:9/")
    func name(_ member: String) throws {
      try folder.write("tasks/addresses.txt", "set/rows.tsv  \(archive.count)  \(server.address)/set.zip!\(member)\n")
    }
    try name("rows.csv")
    try Graft.expectFailure(65, arguments(folder), says: ["has no 'rows.csv'", "Set/deflated/rows.tsv"])
    try name("rows.tsv")
    try Graft.expectFailure(65, arguments(folder), says: ["has several 'rows.tsv'"])
    #expect(names(folder).isEmpty)
    try name("\(method)/rows.tsv")
    let outcome = try Graft.run(arguments(folder))
    #expect(outcome.status == 0 && names(folder) == ["rows.tsv.gz"], "\(outcome.errors)")
    let verified = try Graft.run(["data", "verify", "mine"] + arguments(folder).dropFirst(3))
    #expect(verified.status == 0 && verified.output.contains("4000"), "\(verified.errors)")
    // An archive that was cut short has no directory.
    try folder.remove("data/set/rows.tsv.gz")
    let cut = try LocalServer { LocalServer.proper(Array(archive.dropLast(400)), $0) }
    try folder.write("tasks/addresses.txt", "set/rows.tsv  -  \(cut.address)/set.zip!\(method)/rows.tsv\n")
    try Graft.expectFailure(65, arguments(folder), says: ["no ZIP archive, or is damaged"])
    #expect(!names(folder).contains { $0.hasPrefix("rows") })
  }

  @Test func anInterruptionKeepsWhatHasCome() throws {
    // Half of it comes, and then nothing more.
    let server = try LocalServer(staysOpen: true) { request in
      Array(LocalServer.proper(Self.body, request).dropLast(Self.body.count / 2))
    }
    let folder = try folder("\(server.address)/rows.tsv")
    let running = try Graft.Running(arguments(folder))
    func partial() -> Int { (try? folder.bytes("data/set/rows.tsv.part").count) ?? 0 }
    while running.isRunning, partial() < Self.body.count / 3 { usleep(20_000) }
    running.send(SIGINT)
    let outcome = try running.wait()
    #expect(outcome.status == 130 && outcome.errors.contains("is kept"), "\(outcome.errors)")
    #expect(names(folder) == ["rows.tsv.part"] && partial() >= Self.body.count / 3)
  }

  /// Every address of the tasks that come with Graft is of a file that one of them reads, and pinned or marked.
  @Test func addressesAreOfFilesThatTasksRead() throws {
    let outcome = try Graft.run(["data", "fetch", "--all", "--dry-run", "--data", "\(try TestFolder().path)/none"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = try String(contentsOfFile: "\(Graft.packageRoot)/Tasks/addresses.txt", encoding: .utf8)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ") }
    #expect(lines.count > 300)
    let listed = Set(outcome.output.split(separator: "\n").compactMap { $0.split(separator: " ").first })
    for line in lines {
      #expect(listed.contains(line[0]), "no task reads \(line[0])")
      #expect(line[2].hasPrefix("https://"))
      let isPinned = line[2].contains(#/githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/#)
      #expect(isPinned == (line[1] != "-"), "\(line[0])")
    }
  }
}
