//! The closed word lists of the OMNI documents, as open enums.
//!
//! The door accepts only the documented words (intake checks [`Channel::is_known`] and its like);
//! what an upstream says may be any word, and is kept as `Unlisted`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* #[doc = concat!("`", $word, "`.")] $variant,)+
            /// A word that no document lists, kept as it came.
            Unlisted(Box<str>),
        }

        impl $name {
            /// Every documented word, in the documents' order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word as it is written.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unlisted(word) => word,
                }
            }

            /// Whether the word is a documented one.
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unlisted(_))
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Unlisted(other.into()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer).map(|w| Self::from(w.as_ref()))
            }
        }
    };
}

open_enum! {
    /// Where a ticket came in (`OmnichannelSource`).
    Channel {
        Whatsapp = "WHATSAPP", Email = "EMAIL", Chat = "CHAT", Phone = "PHONE", Sms = "SMS",
        Facebook = "FACEBOOK", Instagram = "INSTAGRAM", Twitter = "TWITTER",
        Telegram = "TELEGRAM", WebPortal = "WEB_PORTAL",
    }
}

open_enum! {
    /// What a ticket is about (`OmnichannelServiceType`).
    ServiceType {
        Claim = "CLAIM", Reimbursement = "REIMBURSEMENT", Dispute = "DISPUTE",
        Complaint = "COMPLAINT", Inquiry = "INQUIRY", Feedback = "FEEDBACK",
        TechnicalSupport = "TECHNICAL_SUPPORT", AccountIssue = "ACCOUNT_ISSUE",
        CardIssue = "CARD_ISSUE", AtmIssue = "ATM_ISSUE", MobileBanking = "MOBILE_BANKING",
        InternetBanking = "INTERNET_BANKING", GeneralRequest = "GENERAL_REQUEST", Other = "OTHER",
    }
}

open_enum! {
    /// How urgent a ticket is, in rising order (contract trap 6).
    Priority { Low = "LOW", Medium = "MEDIUM", High = "HIGH", Urgent = "URGENT", Critical = "CRITICAL" }
}

open_enum! {
    /// The union of both documents' categories, and `SERVICE_QUALITY`, which an example sends (contract trap 7).
    Category {
        Incident = "INCIDENT", ServiceRequest = "SERVICE_REQUEST", ChangeRequest = "CHANGE_REQUEST",
        EventRequest = "EVENT_REQUEST", InformationRequest = "INFORMATION_REQUEST",
        Complaint = "COMPLAINT", ServiceQuality = "SERVICE_QUALITY",
    }
}

open_enum! {
    /// A ticket's status in OMNI's words.
    StatusWord {
        Open = "OPEN", InProgress = "IN_PROGRESS", Resolved = "RESOLVED", Closed = "CLOSED",
        OnHold = "ON_HOLD", Cancelled = "CANCELLED", Pending = "PENDING",
    }
}

open_enum! {
    /// The medium of a disputed transaction.
    Medium { Atm = "ATM", Qris = "QRIS", Debit = "DEBIT", Touch = "TOUCH", Sms = "SMS" }
}
