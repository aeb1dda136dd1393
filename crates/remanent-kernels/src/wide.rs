//! One loop compiled twice: for the baseline of the target and, on x86-64, for AVX2, chosen at run time. Both give the
//! same bits (no fused multiply-add, no reassociation that depends on the width).
//!
//! A function defined with [`dispatch`] is never inlined into its caller: there the loop would be compiled at the
//! caller's opt-level, which for most of the workspace is "s" and means no vectors.

/// Defines a function twice: for the target's baseline and for AVX2.
macro_rules! dispatch {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
        $(#[$meta])*
        #[inline(never)]
        #[allow(unsafe_code, reason = "calling the AVX2 twin of this function after asking the processor")]
        $vis fn $name($($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn body($($arg: $ty),*) $(-> $ret)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide($($arg: $ty),*) $(-> $ret)? {
                    body($($arg),*)
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2.
                    return unsafe { wide($($arg),*) };
                }
            }
            body($($arg),*)
        }
    };
}

pub(crate) use dispatch;
