#pragma once

// lwIP without an operating system, IPv4 and raw TCP only. All memory is static: the figures below
// are the firmware's RAM. COUNTERSIGN_DHCP and COUNTERSIGN_LISTENERS come from the build as 0 or 1.

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0  // interrupts never call lwIP
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0
#define LWIP_NOASSERT

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_SINGLE_NETIF 1
#define LWIP_ARP 1
#define ARP_TABLE_SIZE 4
#define ARP_QUEUEING 0
#define ETHARP_SUPPORT_STATIC_ENTRIES 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define IP_FORWARD 0
#define LWIP_ICMP 0
#define LWIP_RAW 0
#define LWIP_DNS 0

#define LWIP_DHCP COUNTERSIGN_DHCP
#define LWIP_UDP COUNTERSIGN_DHCP
#define LWIP_ACD 0
#define LWIP_DHCP_DOES_ACD_CHECK 0  // else an address takes 8 seconds
#define MEMP_NUM_UDP_PCB 1

#define LWIP_TCP 1
#define TCP_MSS 536
#define TCP_WND (2 * TCP_MSS)
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 8
#define TCP_OVERSIZE 128  // room that a header with `more` keeps for its body
#define TCP_QUEUE_OOSEQ 0
#define TCP_LISTEN_BACKLOG 0
#define LWIP_TCP_KEEPALIVE 0  // MQTT has its own
#define LWIP_TCP_SACK_OUT 0
#define LWIP_TCP_TIMESTAMPS 0
#define LWIP_WND_SCALE 0

// a connection, and one of before that still waits for its peer
#define MEMP_NUM_TCP_PCB (2 + COUNTERSIGN_LISTENERS)
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG TCP_SND_QUEUELEN
#define MEMP_NUM_PBUF 2
// small buffers in chains: most segments are short
#define PBUF_POOL_SIZE 12
#define PBUF_POOL_BUFSIZE 256
// a full send queue: its bytes, and headers and spare room of each part
#define MEM_ALIGNMENT 4
#define MEM_SIZE (TCP_SND_BUF + TCP_SND_QUEUELEN * 208)

#ifdef __cplusplus
extern "C" {
#endif
#include <stdint.h>
uint32_t countersign_random_u32(void);
#ifdef __cplusplus
}
#endif
#define LWIP_RAND() countersign_random_u32()
// without it sequence numbers can be guessed
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) countersign_random_u32()
