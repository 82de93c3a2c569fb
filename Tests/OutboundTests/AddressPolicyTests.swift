import Testing

@testable import Outbound

@Suite struct AddressPolicyTests {
  @Test(arguments: [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200",
    "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255",
    "192.0.0.1", "192.0.2.7", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1",
    "2001:db8::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "febf::1", "fec0::1", "ff02::1", "100::1",
    "5f00::1", "4000::1",
  ])
  func publicRefuses(_ text: String) throws {
    let address = try #require(IPAddress(parsing: text))
    #expect(AddressPolicy.public.objection(to: address) != nil)
    #expect(AddressPolicy.any.objection(to: address) == nil)
  }

  @Test(arguments: [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "52.95.110.1", "100.63.255.255", "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1", "169.253.255.255", "169.255.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255",
    "192.169.0.1", "198.17.255.255", "198.20.0.1", "223.255.255.255",
    "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1", "2001:4860::8888",
  ])
  func publicAllows(_ text: String) throws {
    let address = try #require(IPAddress(parsing: text))
    #expect(AddressPolicy.public.objection(to: address) == nil)
  }

  @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::g", "[::1"])
  func otherTextsAreNoAddresses(_ text: String) {
    #expect(IPAddress(parsing: text) == nil)
  }

  @Test func addressesAreReadWithBracketsAndZone() {
    #expect(IPAddress(parsing: "[fe80::1%eth0]")?.description == "fe80::1")
    #expect(IPAddress(parsing: "127.0.0.1")?.description == "127.0.0.1")
  }

  @Test func behindAProxyLiteralsAndLocalhostAreStillJudged() {
    for host in ["localhost", "LOCALHOST.", "api.localhost", "127.0.0.1", "127.0.0.1.", "::1", "169.254.169.254."] {
      #expect(AddressPolicy.public.objection(toHost: host) != nil, "\(host)")
    }
    for host in ["example.com", "localhost.example.com", "8.8.8.8", "8.8.8.8."] {
      #expect(AddressPolicy.public.objection(toHost: host) == nil, "\(host)")
    }
    #expect(AddressPolicy.any.objection(toHost: "localhost") == nil)
  }
}
