# lwIP: what our configuration of it needs. Its warnings are not ours.

set(lwip_core ${third_party}/lwip/src/core)
add_library(lwip OBJECT
  ${lwip_core}/def.c
  ${lwip_core}/inet_chksum.c
  ${lwip_core}/init.c
  ${lwip_core}/ip.c
  ${lwip_core}/ipv4/dhcp.c
  ${lwip_core}/ipv4/etharp.c
  ${lwip_core}/ipv4/icmp.c
  ${lwip_core}/ipv4/ip4.c
  ${lwip_core}/ipv4/ip4_addr.c
  ${lwip_core}/mem.c
  ${lwip_core}/memp.c
  ${lwip_core}/netif.c
  ${lwip_core}/pbuf.c
  ${lwip_core}/tcp.c
  ${lwip_core}/tcp_in.c
  ${lwip_core}/tcp_out.c
  ${lwip_core}/timeouts.c
  ${lwip_core}/udp.c
  ${third_party}/lwip/src/netif/ethernet.c
)
target_include_directories(lwip SYSTEM PUBLIC ${CMAKE_CURRENT_LIST_DIR}/lwip ${third_party}/lwip/src/include)
target_compile_options(lwip PRIVATE -w)
target_link_libraries(lwip PUBLIC countersign_bare)
