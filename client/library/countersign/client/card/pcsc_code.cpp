#include "countersign/client/card/pcsc_code.hpp"

#include <winscard.h>

namespace countersign::client {

CardError error_of(PcscCode code) {
  switch (code) {
    case static_cast<PcscCode>(SCARD_S_SUCCESS):
      return CardError::none;
    case static_cast<PcscCode>(SCARD_E_NO_SERVICE):
    case static_cast<PcscCode>(SCARD_E_SERVICE_STOPPED):
    case static_cast<PcscCode>(SCARD_E_INVALID_HANDLE):
    case static_cast<PcscCode>(SCARD_F_COMM_ERROR):
      return CardError::no_service;
    case static_cast<PcscCode>(SCARD_E_UNKNOWN_READER):
    case static_cast<PcscCode>(SCARD_E_NO_READERS_AVAILABLE):
    case static_cast<PcscCode>(SCARD_E_READER_UNAVAILABLE):
      return CardError::no_reader;
    case static_cast<PcscCode>(SCARD_W_RESET_CARD):
      return CardError::reset;
    case static_cast<PcscCode>(SCARD_E_SHARING_VIOLATION):
      return CardError::sharing;
    case static_cast<PcscCode>(SCARD_E_NO_SMARTCARD):
    case static_cast<PcscCode>(SCARD_W_REMOVED_CARD):
    case static_cast<PcscCode>(SCARD_W_UNPOWERED_CARD):
    case static_cast<PcscCode>(SCARD_W_UNRESPONSIVE_CARD):
    case static_cast<PcscCode>(SCARD_E_NOT_TRANSACTED):
      return CardError::no_card;
    default:
      return CardError::refused;
  }
}

}  // namespace countersign::client
